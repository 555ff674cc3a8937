using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Endpoints;

/// <summary>What the server counts, for Prometheus. Models are labelled as Docker Model Runner does it.</summary>
internal sealed class MetricsEndpoint(ServerMetrics metrics, RequestBudget budget, ModelRuntime runtime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/metrics");
        AllowAnonymous();
        Description(route => route.WithSummary("Counts of requests, tokens and models, for Prometheus"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var text = new PrometheusText();
        WriteRequests(text);
        WriteTokens(text);
        WriteModels(text);
        HttpContext.Response.ContentType = PrometheusText.ContentType;
        return HttpContext.Response.WriteAsync(text.ToString(), cancellationToken);
    }

    private void WriteRequests(PrometheusText text)
    {
        var requests = metrics.Requests.Read().ToList();
        text.Counter("modelrunner_requests_total", "Requests that have ended, by route and status.");
        foreach (var ((route, status), count) in requests)
            text.Add(count, ("route", route), ("status", $"{status}"));
        text.Counter("modelrunner_refused_requests_total", "Requests that were told to come back, since the server was busy.")
            .Add(requests.Where(request => request.Label.Status == StatusCodes.Status429TooManyRequests).Sum(request => request.Count));
        text.Gauge("modelrunner_open_requests", "Requests that hold one of the places of max-requests.").Add(budget.RequestCount);
        text.Gauge("modelrunner_open_request_bytes", "Bytes of their bodies.").Add(budget.ByteCount);
        text.Gauge("modelrunner_blocked_writes", "Streams that wait for their reader.").Add(metrics.BlockedWriteCount);
        text.Counter("modelrunner_unknown_fields_total", "Fields of requests that nobody knows, by name.");
        foreach (var (field, count) in metrics.UnknownFields.Read()) text.Add(count, ("field", field));
    }

    private void WriteTokens(PrometheusText text)
    {
        text.Counter("modelrunner_prompt_tokens_total", "Tokens of the prompts of whole answers.");
        foreach (var (model, count) in metrics.PromptTokens.Read()) text.Add(count, ("model", model));
        text.Counter("modelrunner_completion_tokens_total", "Tokens generated for whole answers.");
        foreach (var (model, count) in metrics.CompletionTokens.Read()) text.Add(count, ("model", model));
    }

    private void WriteModels(PrometheusText text)
    {
        var loaded = runtime.GetResidents().Where(resident => !resident.IsLoading).ToList();
        text.Gauge("modelrunner_loaded_models", "Models in memory.").Add(loaded.Count);
        Write("modelrunner_model_memory_bytes", "What the memory budget is charged with.", resident => resident.SizeInBytes);
        Write("modelrunner_waiting_requests", "Requests that wait for their first slot.", resident => resident.Activity.WaitingRequestCount);
        Write("modelrunner_active_sequences", "Sequences that run.", resident => resident.Activity.ActiveSequenceCount);

        void Write(string name, string help, Func<ResidentSnapshot, long> read)
        {
            text.Gauge(name, help);
            foreach (var resident in loaded)
                text.Add(read(resident), ("backend", resident.EngineName), ("model", resident.ModelName));
        }
    }
}
