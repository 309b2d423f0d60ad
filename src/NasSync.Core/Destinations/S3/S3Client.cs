using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.S3;
using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>
/// The SDK's client, which can leave a body out of the signature on an open line too. The SDK's own setting refuses that, and else hashes every
/// body once more; where the server checks the Content-MD5, which is signed, that hash proves nothing more.
/// </summary>
internal sealed class S3Client : AmazonS3Client
{
    private const string Mark = "NasSync.Unsigned";

    public S3Client(AmazonS3Config settings)
        : base(settings)
    {
    }

    public S3Client(AWSCredentials credentials, AmazonS3Config settings)
        : base(credentials, settings)
    {
    }

    /// <summary>Signs the request without its body, which its MD5 stands for.</summary>
    /// <param name="put">The request.</param>
    /// <param name="isEncrypted">The line is encrypted.</param>
    public static void LeaveUnsigned(PutObjectRequest put, bool isEncrypted)
    {
        if (isEncrypted) put.DisablePayloadSigning = true;
        else ((IAmazonWebServiceRequest)put).RequestState[Mark] = true;
    }

    /// <inheritdoc cref="LeaveUnsigned(PutObjectRequest, bool)"/>
    /// <param name="part">The request.</param>
    /// <param name="isEncrypted">The line is encrypted.</param>
    public static void LeaveUnsigned(UploadPartRequest part, bool isEncrypted)
    {
        if (isEncrypted) part.DisablePayloadSigning = true;
        else ((IAmazonWebServiceRequest)part).RequestState[Mark] = true;
    }

    /// <inheritdoc/>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandlerBefore<Signer>(new UnsignedBodies());
    }

    private sealed class UnsignedBodies : PipelineHandler
    {
        public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var context = executionContext.RequestContext;
            if (((IAmazonWebServiceRequest)context.OriginalRequest).RequestState.ContainsKey(Mark))
                context.Signer = new AWS4Signer(signPayload: false);
            return base.InvokeAsync<T>(executionContext);
        }
    }
}
