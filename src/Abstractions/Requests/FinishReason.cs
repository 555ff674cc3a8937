namespace ModelRunner.Abstractions.Requests;

/// <summary>Why a choice ended.</summary>
public enum FinishReason
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The model ended it, or a stop string did.</summary>
    Stop,

    /// <summary>The token limit or the context length was reached.</summary>
    Length,

    /// <summary>The model calls tools.</summary>
    ToolCalls,
}
