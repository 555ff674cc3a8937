using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Server.Models;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Composition;

/// <summary>The store, its transfers, and the one catalog over everything.</summary>
internal static class ModelServices
{
    public static IServiceCollection AddModels(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(provider => ContentStore.Open(options.StoreFolder, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ModelTransfers(
            provider.GetRequiredService<ContentStore>(), options.Transfer, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IModelCatalog>(provider => new MergedModelCatalog(
        [
            new FolderModelCatalog(options.ModelFolders, options.Models, ModelHeaders.ReadSummary),
            new StoreModelCatalog(provider.GetRequiredService<ContentStore>(), ModelHeaders.ReadSummary),
            new FolderModelCatalog(options.BundledFolder is { } bundled ? [bundled] : [], [], ModelHeaders.ReadSummary),
        ]));
        services.AddSingleton(provider => new ConfiguredModels(
            options.Runtime.Models, options.Runtime.Default, provider.GetRequiredService<ContentStore>()));
        services.AddSingleton(provider => options.Runtime with { Models = provider.GetRequiredService<ConfiguredModels>() });
        services.AddSingleton<PullHub>();
        services.AddSingleton<ModelListing>();
        services.AddSingleton<ModelRemoval>();
        services.AddSingleton<LogBuffer>();
        services.AddHostedService<StoreCleaning>();
        return services;
    }
}
