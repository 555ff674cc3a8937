namespace ModelRunner.Engines.Onnx.Config;

/// <summary>Names of a decoder's inputs and outputs; <c>%d</c> stands for a layer's number. The defaults are ONNX Runtime GenAI's.</summary>
internal sealed record GraphNames
{
    public string InputIds { get; init; } = "input_ids";

    public string AttentionMask { get; init; } = "attention_mask";

    public string PositionIds { get; init; } = "position_ids";

    public string PastKeys { get; init; } = "past_key_values.%d.key";

    public string PastValues { get; init; } = "past_key_values.%d.value";

    /// <summary>Keys and values in one tensor, <c>[2, batch, heads, tokens, width]</c>; empty where they are two.</summary>
    public string Past { get; init; } = "";

    public string Logits { get; init; } = "logits";

    public string PresentKeys { get; init; } = "present.%d.key";

    public string PresentValues { get; init; } = "present.%d.value";

    /// <summary>Keys and values in one tensor; empty where they are two.</summary>
    public string Present { get; init; } = "";

    public string HiddenStates { get; init; } = "hidden_states";
}
