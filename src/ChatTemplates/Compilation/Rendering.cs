using System.Runtime.CompilerServices;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>One rendering in progress: what it writes to, and what it has left.</summary>
internal sealed class Rendering(
    IReadOnlyDictionary<string, Value> variables,
    IReadOnlyDictionary<string, Value> globals,
    TemplateLimits limits,
    DateTimeOffset now)
{
    // Copying so much text takes about as long as one evaluation.
    private const int BytesPerStep = 128;

    private long _remaining = (long)limits.Steps * BytesPerStep;
    private int _depth;

    public TextBuilder Output { get; set; } = new();

    public DateTimeOffset Now => now;

    /// <summary>Where the operation stands that runs, for the message of its failure.</summary>
    public Position At { get; set; }

    /// <summary>Whether there was not enough left for a step.</summary>
    public bool IsSpent => _remaining < 0;

    public Value? Resolve(string name) =>
        variables.TryGetValue(name, out var value) || globals.TryGetValue(name, out value) ? value : null;

    public void Step()
    {
        if ((_remaining -= BytesPerStep) < 0)
            throw OutOfSteps();
    }

    /// <summary>Takes the cost of so many characters or elements before they are made.</summary>
    public void Charge(long characters)
    {
        // UTF-16 units are two bytes, and are read and written.
        if (characters > _remaining / 2 || (_remaining -= characters * 2) < 0)
            throw OutOfSteps();
    }

    public void ChargeItems(long count)
    {
        if (count > _remaining / BytesPerStep || (_remaining -= count * BytesPerStep) < 0)
            throw OutOfSteps();
    }

    public void Enter()
    {
        if (++_depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw TemplateException.Limit($"The template nests more than {limits.Depth} calls.");
    }

    public void Leave() => _depth--;

    public void Write(TextValue text)
    {
        Charge(text.Text.Length);
        // Before it is appended: growing to twice the limit for nothing is half of what a hostile template could cost.
        if (Output.Length > limits.OutputSizeInBytes - text.Text.Length)
            throw OutputTooLong();

        Output.Append(text);
    }

    public TemplateException OutputTooLong() =>
        TemplateException.Limit($"The template writes more than {limits.OutputSizeInBytes} bytes.");

    private TemplateException OutOfSteps() =>
        TemplateException.Limit($"The template takes more than {limits.Steps} steps.");
}
