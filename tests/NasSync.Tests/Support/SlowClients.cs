using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace NasSync.Tests.Support;

/// <summary>What a test's web server does about clients that are slow.</summary>
internal static class SlowClients
{
    /// <summary>It waits: by default it ends a connection on which little comes for 5 s, which a client beside much load does not always manage.</summary>
    public static void WaitForSlowClients(this KestrelServerOptions kestrel)
    {
        (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (null, null);
        (kestrel.Limits.RequestHeadersTimeout, kestrel.Limits.KeepAliveTimeout) = (Wait.Longest, Wait.Longest);
    }
}
