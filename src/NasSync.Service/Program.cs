using NasSync.Service;

// Checks that files can be opened before it loads any other library of ours: each library is a file.
if (OpenFilesLimit.IsTooLow()) return LastResort.TooFewFiles();
AppDomain.CurrentDomain.UnhandledException += (_, happened) => Environment.Exit(LastResort.Tell(happened.ExceptionObject as Exception));
return Launch.RunAsync(args).GetAwaiter().GetResult();
