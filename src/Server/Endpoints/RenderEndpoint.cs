using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Shows the prompt that a chat request becomes, without generating.</summary>
internal sealed class RenderEndpoint(ModelRuntime runtime, CallReader calls) : ModelCallEndpoint<ChatCall, ITokenizeModel>(runtime, calls)
{
    protected override string Path => "chat/completions/render";

    protected override string Purpose => "The prompt and its tokens for a conversation";

    protected override FieldTable Fields => FieldTable.Chat;

    protected override string Inability => "has no prompts to show";

    protected override ChatCall Map(in RequestReader request) => ChatCallMapper.Map(request);

    protected override Task AnswerAsync(ChatCall call, ITokenizeModel model, ModelInfo info, CancellationToken cancellationToken)
    {
        var prompt = model.Render(call.Request);
        return HttpContext.Response.WriteAsJsonAsync(
            new RenderAnswer(prompt.Text, prompt.Tokens, prompt.Tokens.Length), OpenAiJson.Relaxed.RenderAnswer, cancellationToken: cancellationToken);
    }
}
