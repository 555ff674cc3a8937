using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ModelRunner.Server.Options;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Composition;

/// <summary>
/// The OpenAPI document: every route of the endpoint table that says what it is for. The bodies name the fields that
/// are known; their types are OpenAI's.
/// </summary>
internal sealed class ApiDocument(EndpointDataSource endpoints, ServerOptions options) : IOpenApiDocumentTransformer
{
    /// <summary>The name of the one document.</summary>
    public const string Name = "v1";

    private const string Json = "application/json";
    private const string KeyScheme = "key";

    public Task TransformAsync(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "ModelRunner", Version = ServerApplication.Version };
        document.Paths = [];
        document.Servers = [];
        document.Tags = null;
        foreach (var endpoint in endpoints.Endpoints.OfType<RouteEndpoint>())
            if (endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>() is { } summary)
                Add(document, endpoint, summary.Summary);
        if (options.ApiKey is not null) AddKey(document);
        return Task.CompletedTask;
    }

    private static void Add(OpenApiDocument document, RouteEndpoint endpoint, string summary)
    {
        var path = $"/{endpoint.RoutePattern.RawText!.Trim('/').Replace("{*", "{", StringComparison.Ordinal)}";
        if (!document.Paths.TryGetValue(path, out var item)) document.Paths[path] = item = new OpenApiPathItem();
        foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [HttpMethods.Get])
        {
            ((OpenApiPathItem)item).AddOperation(new HttpMethod(method), new OpenApiOperation
            {
                Summary = summary,
                Parameters = [.. endpoint.RoutePattern.Parameters.Select(parameter => Text(parameter.Name))],
                RequestBody = endpoint.Metadata.GetMetadata<FieldTable>() is { } fields ? Body(fields) : null,
                Responses = new OpenApiResponses
                {
                    ["200"] = new OpenApiResponse { Description = "Done." },
                    ["default"] = new OpenApiResponse { Description = "OpenAI's error object, on every route." },
                },
            });
        }
    }

    private static OpenApiParameter Text(string name) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiRequestBody Body(FieldTable fields) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [Json] = new()
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Required = new HashSet<string> { "model" },
                    Properties = fields.Names.Order(StringComparer.Ordinal)
                        .ToDictionary(name => name, IOpenApiSchema (_) => new OpenApiSchema()),
                },
            },
        },
    };

    private static void AddKey(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.AddComponent(KeyScheme, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
    }
}
