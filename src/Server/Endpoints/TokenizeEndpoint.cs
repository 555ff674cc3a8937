using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>The tokens of a text.</summary>
internal sealed class TokenizeEndpoint(ModelRuntime runtime, CallReader calls) : ModelCallEndpoint<TokenizeCall, ITokenizeModel>(runtime, calls)
{
    protected override string Path => "tokenize";

    protected override string Purpose => "The tokens of a text";

    protected override FieldTable Fields => FieldTable.Tokenize;

    protected override string Inability => "does not tokenize";

    protected override TokenizeCall Map(in RequestReader request) => TokenizeCallMapper.Map(request);

    protected override Task AnswerAsync(TokenizeCall call, ITokenizeModel model, ModelInfo info, CancellationToken cancellationToken)
    {
        var tokens = model.Tokenize(call.Text, call.AddSpecial, call.ParseSpecial);
        return HttpContext.Response.WriteAsJsonAsync(
            new TokenizeAnswer(tokens, tokens.Length), OpenAiJson.Relaxed.TokenizeAnswer, cancellationToken: cancellationToken);
    }
}
