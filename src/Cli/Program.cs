using System.CommandLine;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Cli.Commands;

var root = new RootCommand("ModelRunner: local language models behind the OpenAI API.") { ConvertCommand.Create() };
try
{
    // The default handler prints a stack trace, which tells a user nothing.
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception exception) when (exception is ModelRunnerException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"error: {exception.Message}");
    return 1;
}
