namespace NasSync.Destinations.Contract;

/// <summary>The assertions of the cases; a failed one breaks the contract.</summary>
internal static class Expect
{
    /// <summary>Fails with the message <paramref name="breach"/> unless the condition holds.</summary>
    public static void That(bool holds, string breach)
    {
        if (!holds) throw new ContractBrokenException(breach);
    }

    /// <summary>Fails unless both values are equal.</summary>
    public static void Equal<T>(T expected, T actual, string what) =>
        That(EqualityComparer<T>.Default.Equals(expected, actual), $"{what} is {Shown(actual)}, expected {Shown(expected)}");

    /// <summary>Ends the case as not applicable unless the place can do this.</summary>
    public static void Applies(bool can, string reason)
    {
        if (!can) throw new NotApplicableException(reason);
    }

    /// <summary>Fails unless the call is refused with a failure of one of these classes; with no class given, any class will do.</summary>
    public static async Task<Failure> FailureAsync(Func<Task> call, string what, params FailureClass[] classes)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (FailureException e)
        {
            var failure = e.Failure;
            if (classes.Length > 0 && !classes.Contains(failure.Class))
                throw new ContractBrokenException($"{what} was refused as {failure.Class}, expected {string.Join(" or ", classes)} ({failure})", e);
            That(
                failure.Message.Length > 0 && failure.Hint.Length > 0 && failure.Code.Length > 0,
                $"the refusal of {what} says too little: '{failure}', hint '{failure.Hint}'");
            return failure;
        }

        throw new ContractBrokenException($"{what} was accepted");
    }

    private static string Shown<T>(T value) => value switch
    {
        null => "nothing",
        string text => Failure.Quote(text),
        _ => $"{value}",
    };
}
