using System.CommandLine;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Cli;
using ModelRunner.Cli.Commands;

var root = new RootCommand("ModelRunner: local language models behind the OpenAI API. The server is that of MODEL_RUNNER_HOST, or this machine's.")
{
    ServeCommand.Create(),
    RunCommand.Create(),
    ListCommand.Create(),
    PsCommand.Create(),
    PullCommand.Create(),
    PushCommand.Create(),
    PackageCommand.Create(),
    TagCommand.Create(),
    InspectCommand.Create(),
    RemoveCommand.Create(),
    UnloadCommand.Create(),
    DiskCommand.Create(),
    FsckCommand.Create(),
    CollectCommand.Create(),
    ConfigureCommand.Create(),
    LogsCommand.Create(),
    StatusCommand.Create(),
    VersionCommand.Create(),
    BenchCommand.Create(),
    ConvertCommand.Create(),
    CompletionCommand.Create(),
};
try
{
    var parsed = root.Parse(args);
    // The default handler prints a stack trace, which tells a user nothing.
    var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
}
catch (OperationCanceledException)
{
    return ExitCodes.Interrupted;
}
catch (CommandFailedException exception)
{
    await Console.Error.WriteLineAsync($"error: {exception.Message}");
    return exception.ExitCode;
}
catch (Exception exception) when (exception is ModelRunnerException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"error: {exception.Message}");
    return ExitCodes.Failure;
}
