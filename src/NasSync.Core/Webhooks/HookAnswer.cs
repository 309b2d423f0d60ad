using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using static NasSync.FailureClass;

namespace NasSync.Webhooks;

/// <summary>The consequence of an attempt.</summary>
internal enum HookVerdict
{
    /// <summary>The receiver accepted the delivery.</summary>
    Delivered,

    /// <summary>The receiver as a whole has a problem: the hook's other deliveries wait until this one was retried.</summary>
    Hold,

    /// <summary>The receiver refuses this delivery: it is retried later, and the others need not wait.</summary>
    Aside,

    /// <summary>The receiver wants no more deliveries.</summary>
    Gone,
}

/// <summary>The result of an attempt.</summary>
/// <param name="Verdict">The consequence.</param>
/// <param name="Failure">What went wrong; null when the delivery was accepted. Contains no text of the receiver and no secret.</param>
internal sealed record HookAnswer(HookVerdict Verdict, Failure? Failure)
{
    private const string TriedAgain = "It is tried again by itself; look at the receiver if it goes on.";

    /// <summary>The upper bound for a receiver's Retry-After.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Interprets an HTTP status.</summary>
    public static HookAnswer Of(string shown, HttpStatusCode status, RetryConditionHeaderValue? retryAfter, DateTimeOffset now)
    {
        var number = ((int)status).ToString(CultureInfo.InvariantCulture);
        return (int)status switch
        {
            >= 200 and < 300 => new(HookVerdict.Delivered, null),
            410 => new(HookVerdict.Gone, new Failure(
                FailureClass.Config,
                "WebhookGone",
                $"The webhook {shown} answered 410: it is gone for good.",
                "Remove it from 'webhooks', or correct its url.")),
            429 or 503 => new(HookVerdict.Hold, new Failure(
                Throttled, "WebhookBusy", $"The webhook {shown} answered {number}: it asks for patience.", TriedAgain)
            {
                RetryAfter = Wait(retryAfter, now),
            }),
            >= 300 and < 400 => new(HookVerdict.Hold, new Failure(
                Transient, "WebhookMoved", $"The webhook {shown} answered {number}: it sends on to another address, which is not followed.",
                "Write the final address into 'webhooks'.")),
            400 or 406 or 409 or 411 or 413 or 414 or 415 or 422 => new(HookVerdict.Aside, new Failure(
                Transient, "WebhookRefused", $"The webhook {shown} answered {number}: it does not take what it is told.",
                "Make the receiver take the JSON that docs/webhooks.md describes.")),
            401 or 403 => new(HookVerdict.Hold, new Failure(
                Transient, "WebhookDenied", $"The webhook {shown} answered {number}: it does not trust the sender.",
                "Give both sides the same secret, and compare their clocks.")),
            404 or 405 => new(HookVerdict.Hold, new Failure(
                Transient, "WebhookNotFound", $"The webhook {shown} answered {number}: nothing there takes a POST.",
                "Correct the url in 'webhooks', or start the receiver.")),
            _ => new(HookVerdict.Hold, new Failure(Transient, "WebhookError", $"The webhook {shown} answered {number}.", TriedAgain)),
        };
    }

    /// <summary>Interprets an error while sending.</summary>
    public static HookAnswer Of(string shown, Exception error) => new(HookVerdict.Hold, error switch
    {
        FailureException { Failure: var known } => known,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new Failure(
            Transient,
            "WebhookUntrusted",
            $"The webhook {shown} cannot be trusted: {Cause(error, typeof(AuthenticationException))}.",
            "Give it a certificate for this name from an authority that this machine trusts; there is no way to leave the check out."),
        _ => new Failure(Unavailable, "WebhookUnreachable", $"The webhook {shown} cannot be reached: {Cause(error)}.", TriedAgain),
    });

    /// <summary>The result when no answer came in time.</summary>
    public static HookAnswer Silent(string shown, string since) => new(
        HookVerdict.Hold, new Failure(Unavailable, "WebhookSilent", $"The webhook {shown} did not answer {since}.", TriedAgain));

    private static TimeSpan? Wait(RetryConditionHeaderValue? asked, DateTimeOffset now)
    {
        var wait = asked?.Delta ?? asked?.Date - now;
        return wait is null || wait < TimeSpan.Zero ? null : wait < LongestWait ? wait : LongestWait;
    }

    private static string Cause(Exception error, Type? wanted = null)
    {
        while (error.InnerException is { } inner && !(wanted?.IsInstanceOfType(error) ?? false)) error = inner;
        return error.Message.TrimEnd('.');
    }
}
