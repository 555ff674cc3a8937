namespace ModelRunner.Cli;

/// <summary>What the command line ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int NotFound = 4;
    public const int Interrupted = 130;
}
