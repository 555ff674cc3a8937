namespace ModelRunner.Server.Probe;

/// <summary>How a trial run ends when it is not killed.</summary>
internal enum ProbeExitCode
{
    /// <summary>The model loaded and decoded a token.</summary>
    Ok = 0,

    /// <summary>The trial could not be made: wrong arguments, no engine, no memory. Says nothing about the files.</summary>
    NotTried = 2,

    /// <summary>The files were refused; the message is on standard error.</summary>
    Refused = 3,
}
