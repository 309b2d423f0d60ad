using NasSync.Destinations.Places;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Rsync;

/// <summary>
/// What rsync's own folder handling lacks for a local target: the folder is recognized by its marker, folders are created below the root and nowhere
/// else, and arrived files are made durable and dropped from the page cache, so that the proof reads the medium.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="places">Remembers folders; null: no marker is checked or written.</param>
internal sealed class LocalFolder(string root, IPlaceMemory? places) : IDisposable
{
    private readonly LocalRoot _root = new(root, places);

    /// <summary>Creates the folder of a file.</summary>
    /// <exception cref="FailureException">The folder cannot be created, a link on the way leads out of the root (class Escape), or the root is not
    /// the recorded one (class Unavailable).</exception>
    public void Prepare(RelativePath path) =>
        Guard("create", $"{root}/{path}", () => _root.ForWriting().OpenFolder(path.Parent, create: true).Dispose());

    /// <summary>Fails unless the root is the recorded folder, or no folder is recorded.</summary>
    /// <exception cref="FailureException">The root is another folder, or missing (class Unavailable).</exception>
    public void Require() => Guard("look at", root, () => _ = _root.ForReading());

    /// <summary>Remembers the root as by a first copy, because a file there is taken for a copy.</summary>
    /// <exception cref="FailureException">The root is another folder, or missing (class Unavailable).</exception>
    public void Adopt() => Guard("look at", root, () => _ = _root.ForAdopting());

    /// <summary>The topmost folder that the first copy would create; null when the root exists or is recorded.</summary>
    public string? ToMake() => _root.ToMake();

    /// <summary>Flushes files and their folders to the medium.</summary>
    /// <returns>False where the system cannot; a file that has not arrived is no error.</returns>
    public bool MakeDurable(IEnumerable<RelativePath> paths)
    {
        if (!OperatingSystem.IsLinux()) return false;
        var durable = true;
        foreach (var folder in paths.GroupBy(path => path.Parent))
        {
            foreach (var path in folder) durable &= TryEach(() => Flush(path));
            durable &= TryEach(() =>
            {
                using var held = _root.ForReading()?.OpenFolder(folder.Key, create: false);
                held?.Fsync();
            });
        }

        return durable;
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private static bool TryEach(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or FailureException)
        {
            // The proof decides whether the file arrived.
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Flush(RelativePath path)
    {
        using var file = _root.ForReading()?.OpenRead(path, out _);
        if (file is null) return;
        OpenFiles.Fsync(file);
        OpenFiles.DropCache(file);
    }

    private static void Guard(string operation, string shown, Action call)
    {
        try
        {
            call();
        }
        catch (FailureException e) when (e.Failure.Code == "EscapesJob")
        {
            throw new FailureException(RsyncErrors.EscapesRoot(operation, shown), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException(SystemFailure.FromException(e, operation, shown), e);
        }
    }
}
