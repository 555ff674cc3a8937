using System.Runtime.InteropServices;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Testing;

/// <summary>
/// A model that writes what a script says to each prompt, as far as it is let: its most likely token is the script's
/// next, and the others follow in the order of their numbers. Led away from its script, it goes on where the script has
/// what it wrote last. Behind the script it ends.
/// </summary>
/// <param name="name">The model's name.</param>
/// <param name="format">The format that it pretends to be of.</param>
/// <param name="templates">Its chat templates by name.</param>
/// <param name="markers">Its control tokens.</param>
/// <param name="script">The answer to a prompt, whose text has the markers in it.</param>
public sealed class ScriptedTextModel(
    string name,
    ModelFormat format,
    IReadOnlyDictionary<string, string> templates,
    string[] markers,
    Func<string, string> script) : ITokenModel
{
    private readonly RecordingTokenizer _tokenizer = new(new ByteTokenizer(markers));

    public ModelInfo Info { get; } = new()
    {
        Name = name,
        Architecture = "scripted",
        Format = format,
        VocabularySize = 257 + markers.Length,
        ChatTemplates = templates,
    };

    public ITokenizer Tokenizer => _tokenizer;

    public IDecodeSession CreateSession(SessionOptions options) => new Session(_tokenizer, script);

    public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    /// <summary>Remembers the prompts, so that a session knows where one ends.</summary>
    private sealed class RecordingTokenizer(ByteTokenizer inner) : ITokenizer
    {
        private readonly List<(int[] Tokens, string Text)> _prompts = [];

        public int VocabularySize => inner.VocabularySize;

        public int BeginOfSequence => inner.BeginOfSequence;

        public int EndOfSequence => inner.EndOfSequence;

        public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
        {
            var tokens = inner.Encode(segments, addSpecial);
            var text = "";
            foreach (var segment in segments)
                text += segment.Text;

            if (addSpecial)
                lock (_prompts)
                    _prompts.Add((tokens, text));

            return tokens;
        }

        public ReadOnlyMemory<byte> GetBytes(int token) => inner.GetBytes(token);

        public string GetText(int token) => inner.GetText(token);

        public bool IsEndOfGeneration(int token) => inner.IsEndOfGeneration(token);

        public bool IsControl(int token) => inner.IsControl(token);

        /// <summary>The longest prompt that a sequence begins with.</summary>
        public (int Length, string Text) PromptOf(List<int> tokens)
        {
            (int, string) found = (tokens.Count, "");
            var longest = -1;
            lock (_prompts)
            {
                foreach (var (prompt, text) in _prompts)
                {
                    if (prompt.Length > longest && prompt.Length <= tokens.Count && tokens.Take(prompt.Length).SequenceEqual(prompt))
                    {
                        longest = prompt.Length;
                        found = (prompt.Length, text);
                    }
                }
            }

            return found;
        }
    }

    private sealed class Session(RecordingTokenizer tokenizer, Func<string, string> script) : IDecodeSession
    {
        private readonly List<int>[] _sequences = [.. Enumerable.Range(0, 4).Select(_ => new List<int>())];
        private readonly List<float[]> _rows = [];
        private readonly Dictionary<string, int[]> _answers = [];

        public SessionLimits Limits { get; } = new()
        {
            MaxSequences = 4,
            MaxBatchTokens = 512,
            MaxSequenceLength = 16384,
            KvLayout = KvLayout.Pooled(65536),
            PrefixCopy = PrefixCopy.Shared,
            CanTruncate = true,
            PreferredChunk = 512,
        };

        public ReadOnlySpan<int> FailedRows => [];

        public DecodeStatus Decode(DecodeBatch batch)
        {
            _rows.Clear();
            for (var i = 0; i < batch.Count; i++)
            {
                var entry = batch.Entries[i];
                var tokens = batch.TokensOf(entry);
                for (var k = 0; k < tokens.Length; k++)
                {
                    _sequences[entry.Sequence].Add(tokens[k]);
                    if (entry.Rows == LogitRows.All || (entry.Rows == LogitRows.Last && k == tokens.Length - 1))
                        _rows.Add(Logits(_sequences[entry.Sequence]));
                }
            }

            return DecodeStatus.Ok;
        }

        public ReadOnlySpan<float> GetLogits(int row) => _rows[row];

        public int GetLength(int sequence) => _sequences[sequence].Count;

        public bool TryTruncate(int sequence, int length)
        {
            _sequences[sequence].RemoveRange(length, _sequences[sequence].Count - length);
            return true;
        }

        public bool TryCopyPrefix(int source, int target, int length)
        {
            _sequences[target].AddRange(_sequences[source].Take(length));
            return true;
        }

        public void Release(int sequence) => _sequences[sequence].Clear();

        public void Abort()
        {
        }

        public void Dispose()
        {
        }

        private float[] Logits(List<int> tokens)
        {
            var (length, prompt) = tokenizer.PromptOf(tokens);
            if (!_answers.TryGetValue(prompt, out var answer))
                _answers.Add(prompt, answer = tokenizer.Encode([TextSegment.Trusted(script(prompt))], addSpecial: false));

            var logits = new float[tokenizer.VocabularySize];
            for (var token = 0; token < logits.Length; token++)
                logits[token] = 1 - (token / 1024f);

            var at = PlaceOf(CollectionsMarshal.AsSpan(tokens)[length..], answer);
            // So far above the others that no token but the next one is ever drawn at temperature 1, in any number of runs.
            logits[at < answer.Length ? answer[at] : ByteTokenizer.End] = 100;
            return logits;
        }

        private static int PlaceOf(ReadOnlySpan<int> written, ReadOnlySpan<int> answer)
        {
            if (answer.StartsWith(written))
                return written.Length;

            for (var length = Math.Min(written.Length, answer.Length); length > 0; length--)
                if (answer.LastIndexOf(written[^length..]) is >= 0 and var at)
                    return at + length;

            return 0;
        }
    }
}
