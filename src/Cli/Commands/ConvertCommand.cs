using System.CommandLine;
using ModelRunner.Cli.Terminal;
using ModelRunner.Export.GenAi;

namespace ModelRunner.Cli.Commands;

/// <summary><c>convert MODEL.gguf OUT_DIR</c>: a GGUF becomes a folder for the ONNX engine.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var model = new Argument<FileInfo>("MODEL.gguf") { Description = "The GGUF file, or the first of its shards." };
        var folder = new Argument<DirectoryInfo>("OUT_DIR") { Description = "The folder to write; made where it is missing." };
        var precision = Precision("--precision", "Weights of the layers: fp32, fp16, int8 or int4.");
        precision.DefaultValueFactory = _ => "fp32";
        var embeddings = Precision("--embeddings", "Weights of the embedding and output matrices; int8 beside int4 layers, otherwise as the layers.");
        var context = new Option<int?>("--context") { Description = "The largest context in tokens; as the model's by default." };
        var force = new Option<bool>("--force") { Description = "Write into a folder that is not empty." };
        var command = new Command("convert", "Convert a GGUF model to an ONNX Runtime GenAI folder.")
        {
            model, folder, precision, embeddings, context, force,
        };
        command.SetAction((result, cancellation) =>
        {
            var options = new ConversionOptions
            {
                Precision = Parse(result.GetRequiredValue(precision)),
                EmbeddingPrecision = result.GetValue(embeddings) is { } text ? Parse(text) : null,
                ContextLength = result.GetValue(context),
            };
            var target = result.GetRequiredValue(folder);
            if (target.Exists && !result.GetValue(force) && target.EnumerateFileSystemInfos().Any())
                throw new IOException($"'{target}' is not empty: --force writes into it");
            var streams = result.InvocationConfiguration;
            using (var bar = result.Progress("convert"))
                GenAiConverter.Convert(result.GetRequiredValue(model).FullName, target.FullName, options, new ConversionBar(bar), cancellation);
            streams.Output.WriteLine(target.FullName);
            return Task.FromResult(0);
        });
        return command;
    }

    private static Option<string> Precision(string name, string description)
    {
        var option = new Option<string>(name) { Description = description };
        option.AcceptOnlyFromAmong("fp32", "fp16", "int8", "int4");
        return option;
    }

    private static WeightPrecision Parse(string text) => Enum.Parse<WeightPrecision>(text, ignoreCase: true);
}
