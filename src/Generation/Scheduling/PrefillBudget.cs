namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// Learns how many prompt tokens a step may carry beside running streams, so that the step takes at most a set
/// multiple of what it takes without them. A linear model of the step: the time of the decode rows alone, kept for
/// each width, plus a time for each prompt token. Where prompts follow one another without a pause, no step would have
/// decode rows alone: now and then one carries nothing of a prompt, on purpose. Pure: durations come in, a token count goes out.
/// </summary>
internal sealed class PrefillBudget
{
    private const double Smoothing = 0.15;
    private const int FirstChunk = 16;
    private const double TrialSmoothing = 0.5;
    private const int StepsUntilTrial = 64;

    private readonly int _preferredChunk;
    private readonly int _tokenGroup;
    private readonly double _maxStretch;
    private readonly double[] _decodeSeconds;
    private double _secondsPerToken;
    private int _stepsWithPrompt = StepsUntilTrial;

    /// <summary>Makes a budget that knows nothing yet.</summary>
    /// <param name="preferredChunk">Tokens of a chunk at most.</param>
    /// <param name="tokenGroup">Tokens of a chunk that the engine computes together, apart from decode rows: a chunk short of the next group by one is filled.</param>
    /// <param name="maxSequences">Decode rows at most.</param>
    /// <param name="maxStretch">What a step may take, as a multiple of the same step without a prompt.</param>
    public PrefillBudget(int preferredChunk, int tokenGroup, int maxSequences, double maxStretch)
    {
        _preferredChunk = preferredChunk;
        _tokenGroup = tokenGroup;
        _maxStretch = maxStretch;
        _decodeSeconds = new double[maxSequences + 1];
    }

    /// <summary>Prompt tokens that a step with so many decode rows may carry; 0 now and then, to learn from.</summary>
    public int GetChunk(int decodeRows)
    {
        if (decodeRows == 0)
            return _preferredChunk;

        if (_stepsWithPrompt >= StepsUntilTrial)
            return 0;

        if (_secondsPerToken <= 0)
            return Math.Min(FirstChunk, _preferredChunk);

        var tokens = (_maxStretch - 1) * GetDecodeSeconds(decodeRows) / _secondsPerToken;
        var chunk = (int)Math.Clamp(Math.Round(tokens), 1, _preferredChunk);
        return chunk < _preferredChunk && _tokenGroup > 2 && chunk % _tokenGroup == _tokenGroup - 1 ? chunk + 1 : chunk;
    }

    /// <summary>Learns from a step that went well.</summary>
    public void Observe(int decodeRows, int prefillTokens, TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        if (decodeRows == 0)
        {
            if (_secondsPerToken == 0 && prefillTokens > 0)
                _secondsPerToken = seconds / prefillTokens;
        }
        else if (prefillTokens == 0)
        {
            Learn(ref _decodeSeconds[decodeRows], seconds, _stepsWithPrompt >= StepsUntilTrial ? TrialSmoothing : Smoothing);
            _stepsWithPrompt = 0;
        }
        else
        {
            _stepsWithPrompt++;
            var prefill = Math.Max(seconds - GetDecodeSeconds(decodeRows), 0.02 * seconds);
            Learn(ref _secondsPerToken, prefill / prefillTokens, Smoothing);
        }
    }

    /// <summary>The time at that width, or at the nearest one that was seen; 0 when none was.</summary>
    private double GetDecodeSeconds(int rows)
    {
        for (var distance = 0; distance < _decodeSeconds.Length; distance++)
        {
            if (rows - distance > 0 && _decodeSeconds[rows - distance] > 0)
                return _decodeSeconds[rows - distance];

            if (rows + distance < _decodeSeconds.Length && _decodeSeconds[rows + distance] > 0)
                return _decodeSeconds[rows + distance];
        }

        return 0;
    }

    private static void Learn(ref double estimate, double sample, double weight)
    {
        // One step that the machine interrupted must not move the estimate by more than it can regain soon.
        estimate = estimate == 0
            ? sample
            : estimate + (weight * (Math.Clamp(sample, estimate / 4, estimate * 4) - estimate));
    }
}
