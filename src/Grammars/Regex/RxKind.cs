namespace ModelRunner.Grammars.Regex;

/// <summary>The forms of an <see cref="Rx"/>.</summary>
internal enum RxKind
{
    /// <summary>No string at all.</summary>
    Nothing,

    /// <summary>The empty string.</summary>
    Epsilon,

    /// <summary>One byte of a set.</summary>
    Set,

    /// <summary>A fixed byte string.</summary>
    Literal,

    /// <summary>One expression after another.</summary>
    Concat,

    /// <summary>Any of several.</summary>
    Or,

    /// <summary>All of several.</summary>
    And,

    /// <summary>Every string but those.</summary>
    Not,

    /// <summary>A counted repetition.</summary>
    Repeat,

    /// <summary>Decimal digits whose value is a multiple of a number.</summary>
    Multiple,
}
