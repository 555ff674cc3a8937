namespace ModelRunner.Gguf;

/// <summary>Passes writes on and refuses more than a given number of bytes.</summary>
internal sealed class CountingStream(Stream target, long limit) : Stream
{
    public long Remaining { get; private set; } = limit;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > Remaining)
            throw new GgufException($"a tensor has {buffer.Length - Remaining} bytes more than its shape");
        Remaining -= buffer.Length;
        target.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
