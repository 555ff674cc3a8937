using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Options;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests.Scripted;

/// <summary>
/// The real server on a free port, with both engines over scripted models: each shape of calls is a model, whose name
/// is <c>ai/SHAPE</c>.
/// </summary>
public sealed class ScriptedServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-scripted").FullName;
    private WebApplication? _app;

    /// <summary>Its address, with a slash at the end.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        foreach (var shape in ToolShapes.All)
        {
            Write(Path.Combine(_folder, "ai", shape.Name, "model.gguf"));
            Write(Path.Combine(_folder, "ai", shape.Name, "genai_config.json"));
        }

        var options = new ServerOptions
        {
            Bind = IPAddress.Loopback,
            Port = 0,
            ModelFolders = [_folder],
            CacheFolder = Path.Combine(_folder, "cache"),
            StoreFolder = Path.Combine(_folder, "cache", "store"),
        };
        _app = ServerApplication.Build(options, services =>
        {
            services.AddLogging(logging => logging.ClearProviders());
            services.AddSingleton(provider => new ComputeGate(provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<IInferenceEngine>(provider => Engine(provider, "llama.cpp", ModelFormat.Gguf));
            services.AddSingleton<IInferenceEngine>(provider => Engine(provider, "onnx", ModelFormat.OnnxGenAi));
        });
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First(url => url.StartsWith("http://127", StringComparison.Ordinal)) + "/");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();

        Directory.Delete(_folder, recursive: true);
    }

    private static LocalInferenceEngine Engine(IServiceProvider provider, string name, ModelFormat format) => new(
        name,
        new ScriptedTextLoader(format, bundle => Load(bundle, format)),
        provider.GetRequiredService<ComputeGate>(),
        new SchedulerOptions(),
        probe: null,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILoggerFactory>());

    private static ScriptedTextModel Load(ModelBundle bundle, ModelFormat format)
    {
        var shape = ToolShapes.All.Single(shape => bundle.Name.EndsWith("/" + shape.Name, StringComparison.Ordinal));
        return new ScriptedTextModel(
            bundle.Name, format, new Dictionary<string, string> { [""] = shape.ReadTemplate() }, shape.Markers, shape.Answer);
    }

    private static void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }
}
