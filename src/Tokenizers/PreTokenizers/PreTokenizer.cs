namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>Splits text into the pieces that no token crosses. Immutable, thread-safe.</summary>
internal abstract class PreTokenizer
{
    public abstract void Apply(PieceBuffer buffer);

    public sealed class Chain(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
    {
        public override void Apply(PieceBuffer buffer)
        {
            foreach (var step in steps)
                step.Apply(buffer);
        }
    }
}
