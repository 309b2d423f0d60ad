using static NasSync.FailureClass;

namespace NasSync.Failures;

/// <summary>Error numbers of Windows (<c>winerror.h</c>), mostly mapped to the Unix error with the same meaning.</summary>
internal static class WindowsError
{
    private static readonly SystemError SharingViolation = new(
        "", 0, 0, Transient, "FileInUse", "another program has it open",
        "Close the program that uses it (often a virus scanner or an indexer); it is tried again.");

    private static readonly SystemError LogonFailed = new(
        "", 0, 0, Auth, "LogonFailed", "the file server refused the login",
        "Check the credentials of the share (cmdkey /list) for the account that runs NasSync.");

    private static readonly Dictionary<int, SystemError> Meanings = Collect();

    /// <summary>The error with a number; null when it has no specific meaning.</summary>
    public static SystemError? Of(int number) => Meanings.GetValueOrDefault(number);

    private static Dictionary<int, SystemError> Collect()
    {
        var meanings = new Dictionary<int, SystemError>();
        void Add(string name, params int[] numbers) => AddError(SystemError.Named(name), numbers);
        void AddError(SystemError error, params int[] numbers)
        {
            foreach (var number in numbers) meanings.Add(number, error);
        }

        Add("ENOENT", 2, 3);                                            // file, path not found
        Add("EMFILE", 4);                                               // too many open files
        Add("EACCES", 5, 65, 1920);                                     // access denied, network access denied, cannot access file
        Add("EBADF", 6);                                                // invalid handle
        Add("ENOMEM", 8, 14, 1450, 1455);                               // not enough memory, no system resources, paging file too small
        Add("ENODEV", 15, 20, 21, 55);                                  // invalid drive, bad unit, not ready, device gone
        Add("EXDEV", 17);                                               // not same device
        Add("EROFS", 19);                                               // write protected
        Add("EIO", 23, 29, 30, 31, 1117, 1392);                         // CRC, write, read and general fault, device I/O, corrupt file
        AddError(SharingViolation, 32, 33);                             // sharing, lock violation
        Add("ENOSPC", 39, 112);                                         // handle disk full, disk full
        Add("EOPNOTSUPP", 1, 50);                                       // invalid function, not supported
        Add("EHOSTUNREACH", 51, 53, 67, 1203, 1231, 1232);              // remote not listed, bad net path or name, unreachable
        Add("ECONNRESET", 54, 59, 64, 1236);                            // network busy or unexpected error, name deleted, aborted
        Add("ETIMEDOUT", 121, 1460);                                    // semaphore timeout, timeout
        Add("EEXIST", 80, 183);                                         // file exists, already exists
        Add("EINVAL", 87, 123, 161);                                    // invalid parameter, invalid name, bad path name
        Add("ENOTEMPTY", 145);                                          // folder not empty
        Add("EBUSY", 170);                                              // busy
        Add("ENAMETOOLONG", 111, 206);                                  // buffer overflow, name too long
        Add("EFBIG", 223);                                              // file too large
        Add("ENOTDIR", 267);                                            // not a directory
        Add("EISDIR", 336);                                             // directory not supported
        Add("EPERM", 1314);                                             // privilege not held
        Add("EDQUOT", 1295, 1816);                                      // disk quota exceeded, not enough quota
        Add("ELOOP", 1921);                                             // cannot resolve file name
        AddError(LogonFailed, 86, 1219, 1326, 1327, 1330, 1331, 1909);  // password, credential conflict, logon failures, locked out
        return meanings;
    }
}
