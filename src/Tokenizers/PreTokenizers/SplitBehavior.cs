namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>What becomes of the matches at which a text is split.</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>They end the piece before them.</summary>
    MergedWithPrevious,

    /// <summary>They begin the piece behind them.</summary>
    MergedWithNext,

    /// <summary>Those that follow one another make one piece.</summary>
    Contiguous,
}
