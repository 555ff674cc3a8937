using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Options;
using ModelRunner.Server.Probe;

// The trial run of a file ends here: it must not build a host, and a crash in it must take nothing else along.
if (args is ["probe", .. var rest])
    return ProbeCommand.Run(rest, EngineServices.GetLoaders(new ServerOptions()), NullLoggerFactory.Instance, Console.Error);

if (args.Contains("--help"))
{
    Console.Write(ServerSettings.GetHelp());
    return 0;
}

ServerOptions options;
try
{
    var file = new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .Build();
    options = ServerSettings.Read(args, Environment.GetEnvironmentVariable, file);
}
catch (FormatException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

try
{
    await using var app = ServerApplication.Build(options, services => services.AddEngines(options));
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    // The address is taken, is none of this machine's, or is a socket where this user may make none.
    Console.Error.WriteLine(exception.Message);
    return 1;
}
