using NasSync.Failures;

namespace NasSync.Service;

/// <summary>
/// What the core says, in the words of this call of the program: where <c>--config</c> was given, the commands in it carry it. Without it a command
/// that is pasted in another folder would find another configuration there, and with it another ledger.
/// </summary>
internal sealed class ProgramWords
{
    private const string Plain = "_@%+=:,./-";
    private string? _file;

    /// <summary>Lets commands carry a configuration file.</summary>
    /// <param name="file">Its full path; null: none was given, so that they find it as this call did.</param>
    public void Carry(string? file) => _file = file is null ? null : Quoted(file);

    /// <summary>A text of the core, or of the program itself.</summary>
    public string Of(string text) => _file is null ? text : HostWords.WithConfig(text, _file);

    /// <summary>A failure.</summary>
    public Failure Of(Failure failure) =>
        _file is null ? failure : failure with { Message = Of(failure.Message), Hint = Of(failure.Hint) };

    /// <summary>A notice.</summary>
    public Notice Of(Notice notice) => _file is null ? notice : notice with { Message = Of(notice.Message), Hint = Of(notice.Hint) };

    /// <summary>A failure of the ledger, whoever wrote it there.</summary>
    public RecordedFailure Of(RecordedFailure failure) => _file is null ? failure : failure with { Failure = Of(failure.Failure) };

    /// <summary>An event of a run.</summary>
    public TransferEvent Of(TransferEvent happened) => _file is null ? happened : happened switch
    {
        TransferEvent.Failed failed => failed with { Failure = Of(failed.Failure) },
        TransferEvent.Retrying retrying => retrying with { Failure = Of(retrying.Failure) },
        TransferEvent.Warned warned => warned with { Notice = Of(warned.Notice) },
        TransferEvent.Planned planned => planned with { Plan = new TransferPlan([.. planned.Plan.Items.Select(Of)]) },
        _ => happened,
    };

    private PlanItem Of(PlanItem item) =>
        item.Failure is { } failure ? item with { Failure = Of(failure), Reason = Of(item.Reason) } : item;

    /// <summary>An event of a verification.</summary>
    public VerifyEvent Of(VerifyEvent happened) => _file is null ? happened : happened switch
    {
        VerifyEvent.Failed failed => failed with { Failure = Of(failed.Failure) },
        VerifyEvent.Found { Finding: var finding } => new VerifyEvent.Found(finding with
        {
            Failure = finding.Failure is { } failure ? Of(failure) : null,
            RepairReason = finding.RepairReason is { } reason ? Of(reason) : null,
        }),
        VerifyEvent.Warned warned => warned with { Notice = Of(warned.Notice) },
        _ => happened,
    };

    // As a POSIX shell, or on Windows cmd and PowerShell, reads one word.
    public static string Quoted(string file) =>
        file.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c) || (OperatingSystem.IsWindows() && c == '\\')) ? file
        : OperatingSystem.IsWindows() ? $"\"{file}\""
        : $"'{file.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
