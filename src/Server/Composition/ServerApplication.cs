using System.Reflection;
using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Runtime;
using ModelRunner.Server.Errors;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Models;
using ModelRunner.Server.Options;
using ModelRunner.Server.Probing;
using ModelRunner.Server.Recording;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Security;
using ModelRunner.Server.Streaming;
using Scalar.AspNetCore;

namespace ModelRunner.Server.Composition;

/// <summary>Builds the web application from its options.</summary>
internal static class ServerApplication
{
    public static string Version { get; } =
        typeof(ServerApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <param name="options">The user's settings.</param>
    /// <param name="addEngines">Registers the engines, in their order.</param>
    public static WebApplication Build(ServerOptions options, Action<IServiceCollection> addEngines)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel => HttpLimits.Apply(kestrel, options));
        if (options.LogsJson) builder.Logging.ClearProviders().AddJsonConsole();
        builder.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogBuffer>());
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTime + Drain.LastWords);
        builder.Services.AddModels(options);
        builder.Services.AddSingleton(provider =>
            new EngineRegistry(provider.GetServices<IInferenceEngine>(), options.Engines));
        builder.Services.AddSingleton<ModelRuntime>();
        builder.Services.AddSingleton<IModelProbe, ProcessModelProbe>();
        builder.Services.AddSingleton(provider => new ProbeOptions
        {
            Command = ProbeOptions.OwnCommand,
            CacheFolder = options.CacheFolder,
            GetVersion = engine =>
                $"{Version} {provider.GetRequiredService<EngineRegistry>().Get(engine).Status.Version}",
        });
        builder.Services.AddSingleton<ServerMetrics>();
        builder.Services.AddSingleton<RefusalLog>();
        builder.Services.AddSingleton<RequestBudget>();
        builder.Services.AddSingleton<CallReader>();
        builder.Services.AddSingleton<SseSender>();
        builder.Services.AddSingleton<RequestJournal>();
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        builder.Services.AddOpenApi(ApiDocument.Name, document => document.AddDocumentTransformer<ApiDocument>());
        addEngines(builder.Services);
        builder.Services.AddFastEndpoints(discovery =>
        {
            discovery.DisableAutoDiscovery = true;
            discovery.Assemblies = [typeof(ServerApplication).Assembly];
        });

        var app = builder.Build();
        app.UseMiddleware<SlashMiddleware>();

        // Named here, or it would come before all of them and see another path.
        app.UseRouting();
        app.UseMiddleware<ApiErrorMiddleware>();
        app.UseMiddleware<HostMiddleware>();
        app.UseMiddleware<CorsMiddleware>();
        app.UseMiddleware<ApiKeyMiddleware>();
        app.UseMiddleware<BudgetMiddleware>();
        app.UseMiddleware<PreloadMiddleware>();
        if (options.RecordsRequests) app.UseMiddleware<RecordingMiddleware>();
        app.UseFastEndpoints();
        app.MapOpenApi("/openapi.json").WithSummary("This document");
        app.MapScalarApiReference("/docs", page => page.WithOpenApiRoutePattern("/openapi.json").WithTitle("ModelRunner"));
        app.Lifetime.ApplicationStarted.Register(() => Announce(app, options));
        return app;
    }

    private static void Announce(WebApplication app, ServerOptions options)
    {
        // Whoever may open the socket may use the server.
        if (options.Socket is { } socket && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Log.Started(
            app.Logger,
            Version,
            string.Join(", ", app.Urls),
            string.Join(", ", app.Services.GetRequiredService<EngineRegistry>().All.Select(engine => engine.Name)));
    }
}
