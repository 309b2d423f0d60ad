using System.Globalization;
using NasSync.Failures;

namespace NasSync.Ledgers;

/// <summary>
/// The exclusive right to use a work folder. The system releases the lock when the process ends, however it ends; a leftover lock file locks nothing.
/// </summary>
public sealed class WorkLock : IDisposable
{
    /// <summary>The locked file. It stays after release: removing it would let two processes lock two files of the same name.</summary>
    public const string FileName = "lock";

    // Separate from the locked file, which cannot be read while it is locked (on Windows by no process, elsewhere not through .NET).
    internal const string HolderFileName = "lock.holder";

    private readonly string _holderFile;
    private FileStream? _file;

    private WorkLock(FileStream file, string holderFile) => (_file, _holderFile) = (file, holderFile);

    /// <summary>Takes the lock without waiting; creates the folder when it is missing.</summary>
    /// <param name="workDir">The work folder.</param>
    /// <param name="time">Dates the start for the message that other processes show; null uses the system's clock.</param>
    /// <exception cref="FailureException">Another process holds the lock (class Conflict, code Locked), the file system cannot lock (Config,
    /// LockingUnavailable), or the folder cannot be written.</exception>
    public static WorkLock Acquire(string workDir, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(workDir);
        var folder = Path.GetFullPath(workDir);
        var (path, holderFile) = (Path.Combine(folder, FileName), Path.Combine(folder, HolderFileName));
        WorkFolder.RequireFiles(folder);
        try
        {
            Directory.CreateDirectory(folder);
            var file = TryLock(path) ?? throw new FailureException(Held(folder, holderFile));
            var held = new WorkLock(file, holderFile);
            try
            {
                ProveThatItHolds(path, folder);
                held.SayWho((time ?? TimeProvider.System).GetUtcNow());
                return held;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, "lock the work folder", folder), e);
        }
    }

    /// <summary>
    /// Whether a process seems to be at work in a folder. Takes no lock. After a kill the answer may be wrongly true until the next run ends.
    /// </summary>
    internal static bool SeemsHeld(string workDir) => File.Exists(Path.Combine(Path.GetFullPath(workDir), HolderFileName));

    /// <summary>Releases the lock. Calling it twice is harmless.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _file, null) is not { } file) return;
        try
        {
            File.Delete(_holderFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file serves only a message, and the next holder overwrites it.
        }

        file.Dispose();
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (SystemFailure.FromException(e, "lock", path).Code is "TryAgain" or "FileInUse")
        {
            return null;
        }
    }

    // .NET ignores a file system that cannot lock, and a runtime setting disables locking. If a second lock is granted, neither works.
    private static void ProveThatItHolds(string path, string folder)
    {
        using var second = TryLock(path);
        if (second is null) return;
        throw new FailureException(new Failure(
            FailureClass.Config,
            "LockingUnavailable",
            $"The file system of the work folder '{folder}' cannot lock files, so two NasSync could work there at once.",
            "Put workDir on a disk of this machine, and do not set DOTNET_SYSTEM_IO_DISABLEFILELOCKING."));
    }

    private void SayWho(DateTimeOffset since)
    {
        // No lock protects this file; a reader that comes too early sees less of it and reports less.
        using var holder = new FileStream(_holderFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        using var text = new StreamWriter(holder);
        text.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessId}\n{Environment.MachineName}\n{since:yyyy-MM-dd HH:mm:ss}Z\n"));
    }

    private static Failure Held(string folder, string holderFile) => new(
        FailureClass.Conflict,
        "Locked",
        $"Another NasSync{Who(holderFile)} is at work in '{folder}'.",
        "Wait until it has finished, or stop it; no file needs to be removed.");

    private static string Who(string holderFile)
    {
        try
        {
            using var holder = new FileStream(holderFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var text = new StreamReader(holder);
            return text.ReadToEnd().Split('\n') is [var pid, var host, var since, ""] && int.TryParse(pid, CultureInfo.InvariantCulture, out _)
                ? $" (pid {pid} on {host}, since {since})"
                : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
