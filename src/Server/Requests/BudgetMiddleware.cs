using ModelRunner.Server.Errors;

namespace ModelRunner.Server.Requests;

/// <summary>
/// Takes a place in the budget for each call that computes, before anything of it is looked at, and refuses it with an
/// answer that is written already. A server that is asked ten times what it can do must not spend itself on refusals.
/// </summary>
internal sealed class BudgetMiddleware(RequestDelegate next, RequestBudget budget)
{
    private readonly ErrorResponse _refusal = new(ApiErrors.From(budget.Full()));

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<FieldTable>() is null) return next(context);
        if (budget.TryEnter() is not { } place) return _refusal.SendAsync(context);
        context.Response.RegisterForDispose(place);
        context.Features.Set(place);
        return next(context);
    }
}
