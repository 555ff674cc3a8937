namespace ModelRunner.Bench.Measuring;

/// <summary>Decoding to be measured.</summary>
/// <param name="Clients">Sequences that decode together.</param>
/// <param name="Context">Tokens of each one's prompt, the last ones its own; resident before the clock starts.</param>
/// <param name="Tokens">Tokens that each one generates.</param>
internal readonly record struct Workload(int Clients, int Context, int Tokens)
{
    /// <summary>Tokens at the end of a prompt that no other client has.</summary>
    private const int OwnLength = 32;

    /// <summary>Tokens at its beginning that all clients share: they are computed once, and copied to each one's own memory.</summary>
    public int SharedLength => Math.Max(0, Context - OwnLength);

    /// <summary>The prompt of one client: the same in every run and on every side.</summary>
    public int[] PromptOf(int client, int vocabularySize) =>
        [.. Prompt(-1, SharedLength, vocabularySize), .. Prompt(client, Context - SharedLength, vocabularySize)];

    /// <summary>A prompt that shares nothing with others.</summary>
    public static int[] Prompt(int client, int length, int vocabularySize)
    {
        var random = new Random(1000 + client);
        var tokens = new int[length];

        // The low ids are control and byte tokens.
        for (var i = 0; i < length; i++)
            tokens[i] = random.Next(Math.Min(300, vocabularySize / 2), vocabularySize);

        return tokens;
    }
}
