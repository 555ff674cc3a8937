namespace ModelRunner.Grammars.Regex;

/// <summary>A derivative of an <see cref="Rx"/>. A list of these: few expressions have more than three.</summary>
/// <param name="Bytes">Bytes that all lead there.</param>
/// <param name="Next">Where they lead.</param>
/// <param name="Other">A derivative by other bytes.</param>
internal sealed record RxEdge(ByteSet Bytes, Rx Next, RxEdge? Other);
