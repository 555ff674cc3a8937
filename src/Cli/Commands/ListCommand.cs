using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>list</c>: the models of the server.</summary>
internal static class ListCommand
{
    private const string DigestPrefix = "sha256:";

    public static Command Create()
    {
        var json = CommonOptions.Json();
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Names alone." };
        var command = new Command("list", "List the models.\n\nExample: modelrunner list --json") { json, quiet };
        command.Aliases.Add("ls");
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var text = await client.GetTextAsync("models", cancellation);
            var models = RunnerClient.Parse(text, DmrJson.Default.StoredModelInfoArray);
            if (result.GetValue(json)) await result.Out().WriteLineAsync(text);
            else if (result.GetValue(quiet)) foreach (var model in models) await result.Out().WriteLineAsync(NameOf(model));
            else Table.Write(
                result.Out(),
                ["MODEL", "PARAMETERS", "QUANTIZATION", "ARCHITECTURE", "ID", "CREATED", "SIZE"],
                models.SelectMany(model => (model.Tags ?? [NameOf(model)]).Select(tag => Row(model, tag))));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string[] Row(StoredModelInfo model, string tag) =>
    [
        tag,
        model.Config.Parameters ?? "",
        model.Config.Quantization ?? "",
        model.Config.Architecture ?? model.Config.Format ?? "",
        model.InPlace ? "in place" : ShortId(model.Id),
        Units.Ago(TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(model.Created)),
        model.Config.Size ?? "",
    ];

    // What stands for a digest may be a name.
    private static string ShortId(string id) =>
        id.StartsWith(DigestPrefix, StringComparison.Ordinal) && id.Length > DigestPrefix.Length + 12 ? id.Substring(DigestPrefix.Length, 12) : id;

    private static string NameOf(StoredModelInfo model) => model.Tags is [var tag, ..] ? tag : model.Id;
}
