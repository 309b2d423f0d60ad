using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace NasSync.Tests.Support;

/// <summary>What a test's web server does about clients that are slow.</summary>
internal static class SlowClients
{
    /// <summary>Lets the server wait. By default it ends a connection that delivers little for 5 s; under load a client may need longer.</summary>
    public static void WaitForSlowClients(this KestrelServerOptions kestrel)
    {
        (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (null, null);
        (kestrel.Limits.RequestHeadersTimeout, kestrel.Limits.KeepAliveTimeout) = (Wait.Longest, Wait.Longest);
    }
}
