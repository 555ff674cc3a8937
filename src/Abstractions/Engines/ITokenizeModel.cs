using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Abstractions.Engines;

/// <summary>The ability to show tokens and prompts without generating.</summary>
public interface ITokenizeModel
{
    /// <summary>Token ids of a text. Control tokens written in it are recognised when <paramref name="parseSpecial"/>.</summary>
    int[] Tokenize(string text, bool addSpecial, bool parseSpecial);

    /// <summary>The text of tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    string Detokenize(ReadOnlySpan<int> tokens);

    /// <summary>The prompt that a chat request becomes.</summary>
    RenderedPrompt Render(ChatRequest request);
}
