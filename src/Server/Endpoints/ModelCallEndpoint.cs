using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Endpoints;

/// <summary>A call that one model answers: its body is read and checked, and the model held until the answer is out.</summary>
/// <typeparam name="TCall">The body as read.</typeparam>
/// <typeparam name="TModel">What a model must be to answer.</typeparam>
internal abstract class ModelCallEndpoint<TCall, TModel>(ModelRuntime runtime, CallReader calls) : EndpointWithoutRequest
    where TCall : IModelCall
    where TModel : class
{
    /// <summary>The end of its address on each of the three prefixes.</summary>
    protected abstract string Path { get; }

    protected abstract string Purpose { get; }

    protected abstract FieldTable Fields { get; }

    /// <summary>What a model that is no <typeparamref name="TModel"/> is told not to do: the end of a sentence.</summary>
    protected abstract string Inability { get; }

    public sealed override void Configure()
    {
        Post(ApiPaths.Of(Path));
        AllowAnonymous();
        Description(route => route.WithSummary(Purpose).WithMetadata(Fields));
    }

    public sealed override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<TCall>(HttpContext, Fields, Map, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not TModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' {Inability}.", "model");

        await AnswerAsync(call, model, lease.Model.Info, cancellationToken);
    }

    /// <exception cref="InvalidRequestException">A field is wrong; names it.</exception>
    protected abstract TCall Map(in RequestReader request);

    protected abstract Task AnswerAsync(TCall call, TModel model, ModelInfo info, CancellationToken cancellationToken);
}
