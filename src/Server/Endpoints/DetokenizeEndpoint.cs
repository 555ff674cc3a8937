using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>The text of tokens.</summary>
internal sealed class DetokenizeEndpoint(ModelRuntime runtime, CallReader calls) : ModelCallEndpoint<DetokenizeCall, ITokenizeModel>(runtime, calls)
{
    protected override string Path => "detokenize";

    protected override string Purpose => "The text of tokens";

    protected override FieldTable Fields => FieldTable.Detokenize;

    protected override string Inability => "does not tokenize";

    protected override DetokenizeCall Map(in RequestReader request) => TokenizeCallMapper.MapDetokenize(request);

    protected override Task AnswerAsync(DetokenizeCall call, ITokenizeModel model, ModelInfo info, CancellationToken cancellationToken) =>
        HttpContext.Response.WriteAsJsonAsync(
            new DetokenizeAnswer(model.Detokenize(call.Tokens)), OpenAiJson.Relaxed.DetokenizeAnswer, cancellationToken: cancellationToken);
}
