using System.Text;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// A GGUF's vocabulary. The bytes of all tokens are read once. A text is cut at special tokens here, as
/// <c>tokenizer_st_partition</c> of llama.cpp does, longest first, but with the borders of trust in view; libllama
/// then encodes the plain runs between them.
/// </summary>
internal sealed unsafe class LlamaTokenizer : ITokenizer
{
    private const int AttributeUnknown = 1 << 0;
    private const int AttributeControl = 1 << 3;
    private const int AttributeUserDefined = 1 << 4;
    private const int AttributeLeftStrip = 1 << 7;
    private const int AttributeRightStrip = 1 << 8;
    private const int WordPiece = 3;

    private readonly ModelHandle _model;
    private readonly nint _vocabulary;
    private readonly ReadOnlyMemory<byte>[] _bytes;
    private readonly string[] _texts;
    private readonly bool[] _isControl;
    private readonly bool[] _isEndOfGeneration;
    private readonly List<SpecialToken> _special = [];
    private readonly bool _isWordPiece;
    private readonly bool _addsBegin;
    private readonly bool _addsEnd;

    private readonly record struct SpecialToken(int Id, string Text, bool IsControl, bool StripsLeft, bool StripsRight);

    /// <summary>A special token, or a run of text: [Start, End) of the joined text.</summary>
    private readonly record struct Fragment(int Token, int Start, int End)
    {
        public bool IsText => Token < 0;
    }

    public LlamaTokenizer(ModelHandle model)
    {
        _model = model;
        _vocabulary = LlamaApi.llama_model_get_vocab(model.Pointer);
        VocabularySize = LlamaApi.llama_vocab_n_tokens(_vocabulary);
        _bytes = new ReadOnlyMemory<byte>[VocabularySize];
        _texts = new string[VocabularySize];
        _isControl = new bool[VocabularySize];
        _isEndOfGeneration = new bool[VocabularySize];
        Span<byte> buffer = stackalloc byte[256];
        for (var token = 0; token < VocabularySize; token++)
        {
            _bytes[token] = ReadBytes(token, buffer);
            _texts[token] = System.Runtime.InteropServices.Marshal.PtrToStringUTF8(
                (nint)LlamaApi.llama_vocab_get_text(_vocabulary, token)) ?? "";
            _isControl[token] = LlamaApi.llama_vocab_is_control(_vocabulary, token) != 0;
            _isEndOfGeneration[token] = LlamaApi.llama_vocab_is_eog(_vocabulary, token) != 0;
            AddSpecial(token);
        }

        _special.Sort(static (left, right) => right.Text.Length.CompareTo(left.Text.Length));
        _isWordPiece = LlamaApi.llama_vocab_type(_vocabulary) == WordPiece;
        _addsBegin = LlamaApi.llama_vocab_get_add_bos(_vocabulary) != 0;
        _addsEnd = LlamaApi.llama_vocab_get_add_eos(_vocabulary) != 0;
        BeginOfSequence = LlamaApi.llama_vocab_bos(_vocabulary);
        EndOfSequence = LlamaApi.llama_vocab_eos(_vocabulary);
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int BeginOfSequence { get; }

    /// <inheritdoc/>
    public int EndOfSequence { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetBytes(int token) => IsValid(token) ? _bytes[token] : default;

    /// <inheritdoc/>
    public string GetText(int token) => IsValid(token) ? _texts[token] : "";

    /// <inheritdoc/>
    public bool IsEndOfGeneration(int token) => IsValid(token) && _isEndOfGeneration[token];

    /// <inheritdoc/>
    public bool IsControl(int token) => IsValid(token) && _isControl[token];

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var (text, trusted) = Join(segments);
        var tokens = new List<int>();
        foreach (var fragment in Cut(text, trusted))
        {
            if (fragment.IsText)
                EncodeRun(text.AsSpan(fragment.Start, fragment.End - fragment.Start), _isWordPiece && addSpecial, tokens);
            else
                tokens.Add(fragment.Token);
        }

        // A WordPiece text has its own begin and end from libllama.
        if (addSpecial && !_isWordPiece)
        {
            if (_addsBegin && BeginOfSequence >= 0 && (tokens.Count == 0 || tokens[0] != BeginOfSequence))
                tokens.Insert(0, BeginOfSequence);

            if (_addsEnd && EndOfSequence >= 0 && (tokens.Count == 0 || tokens[^1] != EndOfSequence))
                tokens.Add(EndOfSequence);
        }

        return [.. tokens];
    }

    private bool IsValid(int token) => (uint)token < (uint)VocabularySize;

    private byte[] ReadBytes(int token, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var length = LlamaApi.llama_token_to_piece(_vocabulary, token, start, buffer.Length, 0, 0);
            if (length >= 0)
                return buffer[..length].ToArray();

            var exact = new byte[-length];
            fixed (byte* longer = exact)
                length = LlamaApi.llama_token_to_piece(_vocabulary, token, longer, exact.Length, 0, 0);

            return length == exact.Length ? exact : [];
        }
    }

    private void AddSpecial(int token)
    {
        var attributes = LlamaApi.llama_vocab_get_attr(_vocabulary, token);
        if ((attributes & (AttributeControl | AttributeUserDefined | AttributeUnknown)) == 0 || _texts[token].Length == 0)
            return;

        _special.Add(new SpecialToken(
            token,
            _texts[token],
            (attributes & AttributeUserDefined) == 0,
            (attributes & AttributeLeftStrip) != 0,
            (attributes & AttributeRightStrip) != 0));
    }

    /// <summary>The joined text, and the ranges of it that are trusted.</summary>
    private static (string Text, List<(int Start, int End)> Trusted) Join(ReadOnlySpan<TextSegment> segments)
    {
        var text = new StringBuilder();
        var trusted = new List<(int Start, int End)>();
        foreach (var segment in segments)
        {
            var start = text.Length;
            text.Append(segment.Text);
            if (!segment.IsTrusted || start == text.Length)
                continue;

            // Neighbours are one range, so that a marker may lie across their border.
            if (trusted.Count > 0 && trusted[^1].End == start)
                trusted[^1] = (trusted[^1].Start, text.Length);
            else
                trusted.Add((start, text.Length));
        }

        return (text.ToString(), trusted);
    }

    private List<Fragment> Cut(string text, List<(int Start, int End)> trusted)
    {
        var fragments = new List<Fragment>();
        if (text.Length > 0)
            fragments.Add(new Fragment(-1, 0, text.Length));

        foreach (var special in _special)
        {
            // Most special tokens are not in most texts: one vectorised search tells.
            if (!text.Contains(special.Text, StringComparison.Ordinal))
                continue;

            for (var i = 0; i < fragments.Count; i++)
            {
                if (fragments[i].IsText && Find(text, fragments[i], special, trusted) is var at and >= 0)
                    Split(text, fragments, i, at, special);
            }
        }

        return fragments;
    }

    private static int Find(string text, Fragment fragment, SpecialToken special, List<(int Start, int End)> trusted)
    {
        for (var from = fragment.Start; from < fragment.End;)
        {
            var at = text.IndexOf(special.Text, from, fragment.End - from, StringComparison.Ordinal);
            if (at < 0 || !special.IsControl || IsWithin(trusted, at, at + special.Text.Length))
                return at;

            from = at + 1;
        }

        return -1;
    }

    private static bool IsWithin(List<(int Start, int End)> ranges, int start, int end)
    {
        foreach (var range in ranges)
            if (range.Start <= start && end <= range.End)
                return true;

        return false;
    }

    private static void Split(string text, List<Fragment> fragments, int index, int at, SpecialToken special)
    {
        var fragment = fragments[index];
        var left = at;
        while (special.StripsLeft && left > fragment.Start && char.IsWhiteSpace(text[left - 1]))
            left--;

        var right = at + special.Text.Length;
        while (special.StripsRight && right < fragment.End && char.IsWhiteSpace(text[right]))
            right++;

        fragments.RemoveAt(index);
        if (right < fragment.End)
            fragments.Insert(index, new Fragment(-1, right, fragment.End));

        fragments.Insert(index, new Fragment(special.Id, at, at + special.Text.Length));
        if (left > fragment.Start)
            fragments.Insert(index, new Fragment(-1, fragment.Start, left));
    }

    private void EncodeRun(ReadOnlySpan<char> run, bool addSpecial, List<int> tokens)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(run)];
        Encoding.UTF8.GetBytes(run, utf8);
        var held = false;
        _model.DangerousAddRef(ref held);
        try
        {
            // No token is shorter than a byte, but some vocabularies put a space before the text.
            var buffer = new int[utf8.Length + 8];
            var count = Tokenize(utf8, buffer, addSpecial);
            if (count < 0)
            {
                buffer = new int[-count];
                count = Tokenize(utf8, buffer, addSpecial);
            }

            tokens.AddRange(buffer.AsSpan(0, Math.Max(count, 0)));
        }
        finally
        {
            _model.DangerousRelease();
        }
    }

    private int Tokenize(byte[] utf8, int[] buffer, bool addSpecial)
    {
        fixed (byte* text = utf8)
        fixed (int* output = buffer)
        {
            var count = LlamaApi.llama_tokenize(
                _vocabulary, text, utf8.Length, output, buffer.Length, addSpecial ? (byte)1 : (byte)0, 0);

            // INT32_MIN says that the count itself does not fit.
            return count == int.MinValue ? throw new Abstractions.Errors.InvalidRequestException("The text is too long.") : count;
        }
    }
}
