using NasSync.Destinations.Places;
using NasSync.Failures;
using NasSync.Files;

namespace NasSync.Destinations.Rsync;

/// <summary>
/// What can be done better for a target on this machine: the folder is known again by its marker, folders are made below the root and nowhere
/// else, and what has arrived is made durable and dropped from the cache, so that the proof asks the medium.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="places">Where folders are remembered; null: it is taken as it is.</param>
internal sealed class LocalFolder(string root, IPlaceMemory? places) : IDisposable
{
    private readonly LocalRoot _root = new(root, places);

    /// <summary>Makes the folder of a file.</summary>
    /// <exception cref="FailureException">It cannot be made, or a link on the way leads out (Escape), or the root is not the known one
    /// (Unavailable).</exception>
    public void Prepare(RelativePath path) =>
        Guard("create", $"{root}/{path}", () => _root.ForWriting().OpenFolder(path.Parent, create: true).Dispose());

    /// <summary>Fails unless the root is the folder that is known, or none is known.</summary>
    /// <exception cref="FailureException">Another folder stands there, or none (Unavailable).</exception>
    public void Require() => Guard("look at", root, () => _ = _root.ForReading());

    /// <summary>The topmost folder that the first copy would make; null where the root is there, or something is known of it.</summary>
    public string? ToMake() => _root.ToMake();

    /// <summary>Flushes files and their folders to the medium.</summary>
    /// <returns>False where the system cannot; what has not arrived is no error.</returns>
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
            // Whether it arrived is for the proof to say.
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
