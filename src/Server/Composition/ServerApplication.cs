using System.Reflection;
using FastEndpoints;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.ModelStore;
using ModelRunner.Runtime;
using ModelRunner.Server.Errors;
using ModelRunner.Server.Options;
using ModelRunner.Server.Probing;

namespace ModelRunner.Server.Composition;

/// <summary>Builds the web application from its options.</summary>
internal static class ServerApplication
{
    // A client that sends its headers slower than this keeps a connection for nothing.
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    // A stream is a connection: many more than sequences that can run, and still a bound of memory.
    private const int MaxConnections = 4096;

    public static string Version { get; } =
        typeof(ServerApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <param name="options">The user's settings.</param>
    /// <param name="addEngines">Registers the engines, in their order.</param>
    public static WebApplication Build(ServerOptions options, Action<IServiceCollection> addEngines)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options.Load);
        builder.Services.AddSingleton<IModelCatalog>(new FolderModelCatalog(
            options.ModelFolders, options.Models, ModelHeaders.ReadSummary));
        builder.Services.AddSingleton<EngineRegistry>();
        builder.Services.AddSingleton<ModelRuntime>();
        builder.Services.AddSingleton<IModelProbe, ProcessModelProbe>();
        builder.Services.AddSingleton(provider => new ProbeOptions
        {
            Command = ProbeOptions.OwnCommand,
            CacheFolder = options.CacheFolder,
            GetVersion = engine =>
                $"{Version} {provider.GetRequiredService<EngineRegistry>().Get(engine).Status.Version}",
        });
        addEngines(builder.Services);
        builder.Services.AddFastEndpoints(discovery =>
        {
            discovery.DisableAutoDiscovery = true;
            discovery.Assemblies = [typeof(ServerApplication).Assembly];
        });

        var app = builder.Build();
        app.UseMiddleware<ApiErrorMiddleware>();
        app.UseFastEndpoints();
        app.Lifetime.ApplicationStarted.Register(() => Log.Started(
            app.Logger,
            Version,
            string.Join(", ", app.Urls),
            string.Join(", ", app.Services.GetRequiredService<EngineRegistry>().All.Select(engine => engine.Name))));
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodySizeInBytes;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;

        // HTTP/2 needs TLS to be told from HTTP/1 on one port.
        kestrel.Listen(options.Bind, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
