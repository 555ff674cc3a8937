using ModelRunner.Abstractions.Engines;
using ModelRunner.Bench;
using ModelRunner.Bench.Children;
using ModelRunner.Bench.Masks;
using ModelRunner.Bench.Measuring;
using ModelRunner.Bench.Scenarios;

if (args.Length == 0)
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- COMMAND [--option value ...]

        models                 write the random models of real shapes
        serve                  decode speed over HTTP, and of the engine without HTTP, beside the raw loop; --side http or inside for one,
                               --starts 4 to start all processes anew so often
        peer                   decode speed of a GenAI folder beside the npm package @huggingface/transformers, or --peer MODEL
        load                   load time and memory of a GenAI folder, with and without packed weights in the cache folder
        prefix                 time to first token with and without a resident prefix
        long-prompt            running streams while a long prompt comes in
        neighbour              decode speed beside a busy process
        many                   256 streams at once
        disconnect             how soon the places of clients that go away are free
        overload               ten times the requests that can be answered
        tokenizers             encoding speed beside Microsoft.ML.Tokenizers; --data for the folder with gpt2/tokenizer.json.gz
        sampler                what choosing a token takes
        constrained            streams under a JSON schema beside the same streams without one
        maskbench              JSON schemas and their instances against token masks; --cases FILE or FOLDER
        templates              rendering a long conversation, beside @huggingface/jinja; --templates, --data, --rounds

        Options: --model, --parallel, --context-size, --threads, --kv-layout, --clients, --contexts, --tokens, --pairs, --rounds.
                 raw takes a line such as "16 128 32" (clients, context, tokens), and for an ONNX graph --profile FILE, --spin 0.
                 A run of one --clients and one --contexts takes a minute or two; the figures of several go together
        """);
    return 2;
}

var arguments = new Arguments(args.AsSpan(1));
switch (args[0])
{
    case "models":
        foreach (var name in BenchModels.Names)
            Console.WriteLine(BenchModels.GetPath(name));
        break;
    case "serve":
        await ServeScenario.RunAsync(arguments);
        break;
    case "peer":
        await PeerScenario.RunAsync(arguments);
        break;
    case "load":
        LoadScenario.Run(arguments);
        break;
    case "prefix":
        await PrefixScenario.RunAsync(arguments);
        break;
    case "long-prompt":
        await LongPromptScenario.RunAsync(arguments);
        break;
    case "neighbour":
        await NeighbourScenario.RunAsync(arguments);
        break;
    case "templates":
        TemplateScenario.Run(arguments);
        break;
    case "many":
        await ManyScenario.RunAsync(arguments);
        break;
    case "disconnect":
        await DisconnectScenario.RunAsync(arguments);
        break;
    case "overload":
        await OverloadScenario.RunAsync(arguments);
        break;
    case "tokenizers":
        TokenizerScenario.Run(
            arguments.Text("data", Path.Combine(Repository.Root, "..", "shared", "data", "tokenizers")),
            Path.Combine(Repository.Root, "src"),
            arguments.Number("rounds", 11));
        break;
    case "sampler":
        SamplerScenario.Run(arguments);
        break;
    case "constrained":
        await ConstrainedScenario.RunAsync(arguments);
        break;
    case "maskbench":
        return MaskBenchScenario.Run(arguments);

    // Child processes of the above.
    case "raw":
        var target = Target.Read(arguments, 16, 4096);
        await using (IDecodeRunner raw = target.IsOnnx
            ? new RawOnnxLoop(target.Path, target.Threads, target.Sequences, target.ContextLength, arguments.Text("spin", "1") == "1", arguments.Text("profile", ""))
            : new RawLoop(target.Path, target.Threads, target.Sequences, target.ContextLength, target.Layout == "pooled"))
            await ChildRunner.ServeAsync(raw);
        break;
    case "inside":
        target = Target.Read(arguments, 16, 4096);
        await using (var inside = await InsideRunner.StartAsync(target.Path, target.LoadOptions))
            await ChildRunner.ServeAsync(inside);
        break;
    case "loaded":
        LoadScenario.Load(Target.Read(arguments, 4, 1024), arguments.Text("cache", ""));
        break;
    case "busy":
        for (var i = 1u; ; i++)
            i |= 1;
    default:
        Console.Error.WriteLine($"There is no command '{args[0]}'.");
        return 2;
}

return 0;
