using System.Text.Json.Serialization;

namespace ModelRunner.Wire.OpenAi;

/// <summary>The assistant's message. <c>content</c> and <c>refusal</c> are required keys; the rest appears when set.</summary>
public sealed record ChatAnswer(string Role, string? Content, string? Refusal)
{
    /// <summary>The reasoning before the answer, under the name that peers use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    /// <summary>The calls; an empty array breaks clients, so null means none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
}
