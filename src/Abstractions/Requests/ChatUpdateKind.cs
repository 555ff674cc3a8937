namespace ModelRunner.Abstractions.Requests;

/// <summary>What a <see cref="ChatUpdate"/> carries.</summary>
public enum ChatUpdateKind
{
    /// <summary>Text of the answer.</summary>
    Content,

    /// <summary>Text of the reasoning before it.</summary>
    Reasoning,

    /// <summary>A tool call begins: <see cref="ChatUpdate.ToolCall"/> has id and name.</summary>
    ToolCallStart,

    /// <summary>More of the arguments of the call at <see cref="ChatUpdate.ToolCallIndex"/>.</summary>
    ToolCallArguments,

    /// <summary>The choice ended.</summary>
    Finish,
}
