using NasSync.Service;

// Nothing else of ours is loaded before it is known that files can be opened: each library is one.
if (OpenFilesLimit.IsTooLow()) return LastResort.TooFewFiles();
AppDomain.CurrentDomain.UnhandledException += (_, happened) => Environment.Exit(LastResort.Tell(happened.ExceptionObject as Exception));
return Launch.RunAsync(args).GetAwaiter().GetResult();
