using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>A function that runs: its slots, and those of the function around it.</summary>
internal sealed class Activation(Rendering rendering, int slotCount, Activation? parent)
{
    /// <summary>Null where the variable has no value.</summary>
    public readonly Value?[] Slots = slotCount == 0 ? [] : new Value?[slotCount];

    public Rendering Rendering => rendering;

    public Activation? Parent => parent;
}

/// <summary>A compiled expression.</summary>
internal delegate Value Evaluate(Activation activation);

/// <summary>A compiled statement.</summary>
internal delegate Flow Execute(Activation activation);

/// <summary>How a statement ends.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
