namespace ModelRunner.Grammars.Tests;

/// <summary>A thread with little stack: what needs more of it with each character of a schema shows at once.</summary>
internal static class SmallStack
{
    private const int SizeInBytes = 512 << 10;

    /// <summary>Runs an action on such a thread.</summary>
    /// <returns>What it threw, or null.</returns>
    public static Exception? Run(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(action), SizeInBytes);
        thread.Start();
        thread.Join();
        return error;
    }
}
