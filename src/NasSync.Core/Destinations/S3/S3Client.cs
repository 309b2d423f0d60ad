using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.S3;
using Amazon.S3.Model;

namespace NasSync.Destinations.S3;

/// <summary>
/// The SDK's client, extended to leave a body out of the signature over plain HTTP too. The SDK itself refuses that and hashes every body for the
/// signature; where the server checks the signed Content-MD5, that hash adds no proof.
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

    /// <summary>Signs the request without its body; the signed MD5 stands for it.</summary>
    /// <param name="put">The request.</param>
    /// <param name="isEncrypted">Whether the connection is encrypted.</param>
    public static void LeaveUnsigned(PutObjectRequest put, bool isEncrypted)
    {
        if (isEncrypted) put.DisablePayloadSigning = true;
        else ((IAmazonWebServiceRequest)put).RequestState[Mark] = true;
    }

    /// <inheritdoc cref="LeaveUnsigned(PutObjectRequest, bool)"/>
    /// <param name="part">The request.</param>
    /// <param name="isEncrypted">Whether the connection is encrypted.</param>
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
