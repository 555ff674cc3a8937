using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Server.Composition;

/// <summary>The one place where engine names are paired with what loads their models.</summary>
internal static class EngineServices
{
    /// <summary>
    /// The loaders by engine name. The order decides which engine serves a model where the path names none.
    /// </summary>
    public static IReadOnlyList<(string Name, Func<ILoggerFactory, ITokenModelLoader> Create)> Loaders { get; } = [];

    /// <summary>Adds an engine for each loader.</summary>
    public static IServiceCollection AddEngines(
        this IServiceCollection services,
        Func<IServiceProvider, string, ITokenModelLoader, IInferenceEngine> createEngine)
    {
        foreach (var (name, create) in Loaders)
            services.AddSingleton(provider =>
                createEngine(provider, name, create(provider.GetRequiredService<ILoggerFactory>())));
        return services;
    }
}
