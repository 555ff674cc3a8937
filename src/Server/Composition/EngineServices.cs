using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp;
using ModelRunner.Engines.Onnx;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Composition;

/// <summary>The one place where engine names are paired with what loads their models.</summary>
internal static class EngineServices
{
    /// <summary>
    /// The loaders by engine name. The order decides which engine serves a model where the path names none.
    /// </summary>
    public static IReadOnlyList<(string Name, Func<ILoggerFactory, ITokenModelLoader> Create)> GetLoaders(ServerOptions options) =>
    [
        ("llama.cpp", logging => new LlamaModelLoader(new LlamaOptions(), logging, TimeProvider.System)),
        ("onnx", logging => new OnnxModelLoader(OnnxOptionsOf(options), logging)),
    ];

    /// <summary>What the user set of the ONNX engine. Threads are one pool for all models, whatever one of them sets for itself.</summary>
    public static OnnxOptions OnnxOptionsOf(ServerOptions options) => new()
    {
        ThreadCount = options.Runtime.Default.Load.ThreadCount,
        RequiresProviders = options.RequiresAccelerator,
        PackedWeightsFolder = options.KeepsPackedWeights ? Path.Combine(options.CacheFolder, "onnx") : null,
    };

    /// <summary>Adds an engine for each loader. All of them compute in turn, by one gate.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="options">The server's.</param>
    /// <param name="wrap">Stands between an engine and its loader; null for nothing.</param>
    public static IServiceCollection AddEngines(
        this IServiceCollection services, ServerOptions options, Func<ITokenModelLoader, ITokenModelLoader>? wrap = null)
    {
        services.AddSingleton(provider => new ComputeGate(provider.GetRequiredService<TimeProvider>()));
        foreach (var (name, create) in GetLoaders(options))
            services.AddSingleton<IInferenceEngine>(provider => CreateEngine(
                provider, name, logging => wrap is null ? create(logging) : wrap(create(logging))));
        return services;
    }

    private static LocalInferenceEngine CreateEngine(
        IServiceProvider provider,
        string name,
        Func<ILoggerFactory, ITokenModelLoader> create)
    {
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        return new LocalInferenceEngine(
            name,
            create(loggers),
            provider.GetRequiredService<ComputeGate>(),
            new SchedulerOptions { SlowReaderLimit = provider.GetRequiredService<ServerOptions>().SlowReaderTime },
            new DeferredProbe(provider.GetRequiredService<IModelProbe>),
            provider.GetRequiredService<TimeProvider>(),
            loggers);
    }

    /// <summary>The probe asks the engines for their versions, so it cannot be made before them.</summary>
    private sealed class DeferredProbe(Func<IModelProbe> get) : IModelProbe
    {
        /// <inheritdoc/>
        public void Check(string engine, ModelBundle bundle, CancellationToken cancellationToken) =>
            get().Check(engine, bundle, cancellationToken);
    }
}
