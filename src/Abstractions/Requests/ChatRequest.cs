namespace ModelRunner.Abstractions.Requests;

/// <summary>A chat request: the typed view, with the request's own JSON text where templates need it.</summary>
public sealed record ChatRequest
{
    /// <summary>The conversation, oldest first; never empty.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The functions that may be called.</summary>
    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Which of them; without effect when there are none.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether one answer may hold several calls.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>What the output must follow; null for free text.</summary>
    public ConstraintSpecification? Constraint { get; init; }

    /// <summary>Further variables for the template (<c>chat_template_kwargs</c>), each as the client wrote it.</summary>
    public IReadOnlyDictionary<string, JsonText> TemplateVariables { get; init; } = new Dictionary<string, JsonText>();

    /// <summary>OpenAI's <c>reasoning_effort</c>; null when not given.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Tokens of reasoning after which its end is forced; null for no bound of its own.</summary>
    public int? ReasoningTokenBudget { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Default;

    /// <summary>When it ends and what is told.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.Default;

    /// <summary>Answers to generate from the one prompt.</summary>
    public int ChoiceCount { get; init; } = 1;
}
