using System.CommandLine;
using System.Net.Http.Headers;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Packaging;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>package</c>: makes a model of local files, and streams it to the server.</summary>
internal static class PackageCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The name that the model gets." };
        var gguf = new Option<string?>("--gguf") { Description = "A GGUF file, of a sharded model the first." };
        var folder = new Option<string?>("--folder") { Description = "A folder with a GenAI model, whose files keep their paths." };
        var template = new Option<string?>("--chat-template") { Description = "A Jinja chat template." };
        var projector = new Option<string?>("--mmproj") { Description = "The image encoder." };
        var licenses = new Option<string[]>("--license", "-l") { Description = "A license text; repeatable.", Arity = ArgumentArity.ZeroOrMore };
        var contextSize = new Option<int?>("--context-size") { Description = "Tokens of a sequence." };
        var push = new Option<bool>("--push") { Description = "Push it to the registry of its name afterwards." };
        var json = CommonOptions.Json();
        var command = new Command(
            "package", "Make a model of local files.\n\nExamples:\n  modelrunner package --gguf model.gguf --license LICENSE me/model:v1\n  modelrunner package --folder ./phi-onnx me/phi")
        { name, gguf, folder, template, projector, licenses, contextSize, push, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var target = result.GetRequiredValue(name);
            var package = (result.GetValue(gguf), result.GetValue(folder)) switch
            {
                ({ } path, null) => PackageReader.ReadGguf(
                    path, result.GetValue(template), result.GetValue(projector), result.GetValue(licenses) ?? [], result.GetValue(contextSize)),
                (null, { } path) when Directory.Exists(path) => PackageReader.ReadFolder(path, result.GetValue(contextSize)),
                (null, { } path) => throw new CommandFailedException(ExitCodes.NotFound, $"There is no folder '{path}'."),
                _ => throw new CommandFailedException(ExitCodes.Usage, "Give either --gguf or --folder."),
            };

            // Before the request begins: a server does not wait for minutes until the first byte comes.
            IReadOnlyList<string> hashes;
            using (var reading = result.Progress("read"))
                hashes = await package.HashAsync(count => reading.Show(count, package.SizeInBytes), cancellation);
            using var sending = result.Progress("send");
            using var content = new PackageContent(package, hashes, TimeProvider.System.GetUtcNow(), count => sending.Show(count, package.SizeInBytes));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
            var message = await Transfers.RunAsync(
                client, result, $"models/load?tag={Uri.EscapeDataString(target)}", content, result.GetValue(json), cancellation, sending);
            if (result.GetValue(push))
                message = await Transfers.RunAsync(client, result, $"{RunnerClient.ModelPath(target)}/push", null, result.GetValue(json), cancellation);
            if (!result.GetValue(json)) await result.Out().WriteLineAsync(message);
            return ExitCodes.Success;
        });
        return command;
    }
}
