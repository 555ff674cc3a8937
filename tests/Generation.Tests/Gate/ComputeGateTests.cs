using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Tests.Scheduling;

namespace ModelRunner.Generation.Tests.Gate;

public sealed class ComputeGateTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(5);

    private readonly ManualTime _time = new();
    private readonly ComputeGate _gate;

    public ComputeGateTests() => _gate = new ComputeGate(_time);

    [Fact]
    public void Enter_ManyThreads_OneComputesAtATime()
    {
        const int Users = 16;
        const int Turns = 200;
        var inside = 0;
        var turns = 0;
        var collisions = 0;
        Run(Users, index =>
        {
            var random = new Random(index);
            using var user = _gate.CreateUser($"user {index}");
            for (var i = 0; i < Turns; i++)
            {
                Assert.True(user.Enter());
                if (Interlocked.Increment(ref inside) != 1)
                    Interlocked.Increment(ref collisions);

                turns++;
                _time.Advance(TimeSpan.FromMilliseconds(random.Next(5)));
                Interlocked.Decrement(ref inside);
                End(user, random);
            }
        });

        // Every turn was given: no wake was lost. The count itself is safe by the gate alone.
        Assert.Equal(0, collisions);
        Assert.Equal(Users * Turns, turns);
        Assert.Null(_gate.HolderName);
        Assert.Equal(0, _gate.WaitingCount);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Yield_LongAndShortTurns_ShareTheTimeEqually(int users)
    {
        // User i computes 1, 4, 9, ... ms in a turn. All of them want to compute all the time.
        var served = new TimeSpan[users];
        var total = TimeSpan.FromSeconds(10);
        var isOver = false;
        Run(users, index =>
        {
            var turn = TimeSpan.FromMilliseconds((index + 1) * (index + 1));
            using var user = _gate.CreateUser($"user {index}");
            while (user.Enter())
            {
                // The others are at the gate before this one leaves it: nothing depends on how fast threads run.
                SpinWait.SpinUntil(() => _gate.WaitingCount == users - 1 || Volatile.Read(ref isOver));
                _time.Advance(turn);
                served[index] += turn;
                isOver |= served.Aggregate((left, right) => left + right) >= total;
                if (isOver)
                {
                    user.Exit();
                    return;
                }

                user.Yield();
            }
        });

        // No two are further apart than the longest turn is long.
        Assert.InRange(served.Max() - served.Min(), TimeSpan.Zero, TimeSpan.FromMilliseconds(users * users));
    }

    [Fact]
    public void Enter_AfterIdling_EarnsNoCredit()
    {
        using var busy = _gate.CreateUser("busy");
        using var late = _gate.CreateUser("late");
        for (var i = 0; i < 100; i++)
            Compute(busy, 10);

        busy.Enter();
        var waiting = Start(() => late.Enter());
        AwaitWaiting(1);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        busy.Yield();
        Assert.True(waiting.Join(Hang));
        Assert.Equal("late", _gate.HolderName);

        // One turn brings it past the other: it does not keep the gate until it has had a second as well.
        waiting = Start(() => busy.Enter());
        AwaitWaiting(1);
        _time.Advance(TimeSpan.FromMilliseconds(11));
        late.Yield();
        Assert.True(waiting.Join(Hang));
        Assert.Equal("busy", _gate.HolderName);
        busy.Exit();
    }

    [Fact]
    public void Leave_AfterYield_HandsTheTurnOn()
    {
        using var first = _gate.CreateUser("first");
        using var second = _gate.CreateUser("second");
        Compute(second, 10);
        first.Enter();
        var waiting = Start(() => second.Enter());
        AwaitWaiting(1);
        first.Yield();
        Assert.Equal("first", _gate.HolderName);
        first.Leave();
        Assert.True(waiting.Join(Hang));
        Assert.Equal("second", _gate.HolderName);
        first.Leave();
        Assert.Equal("second", _gate.HolderName);
        second.Exit();
        Assert.Null(_gate.HolderName);
    }

    [Fact]
    public void Dispose_WhileWaiting_EndsTheWait()
    {
        using var holder = _gate.CreateUser("holder");
        using var waiter = _gate.CreateUser("waiter");
        holder.Enter();
        var entered = true;
        var waiting = Start(() => entered = waiter.Enter());
        AwaitWaiting(1);
        waiter.Dispose();
        Assert.True(waiting.Join(Hang));
        Assert.False(entered);
        Assert.False(waiter.Enter());
        Assert.Equal("holder", _gate.HolderName);
        holder.Exit();
        Assert.Null(_gate.HolderName);
    }

    [Fact]
    public void Dispose_BetweenSteps_HandsTheTurnOn()
    {
        var leaving = _gate.CreateUser("leaving");
        using var second = _gate.CreateUser("second");
        leaving.Enter();
        leaving.Yield();
        leaving.Dispose();
        Assert.True(second.Enter());
        second.Exit();
    }

    [Fact]
    public void Exit_WithoutATurn_Throws()
    {
        using var user = _gate.CreateUser("user");
        Assert.Throws<InvalidOperationException>(user.Exit);
        Assert.Throws<InvalidOperationException>(user.Yield);
        user.Enter();
        Assert.Throws<InvalidOperationException>(() => user.Enter());
        user.Exit();
        Assert.Throws<InvalidOperationException>(user.Exit);
    }

    private static void End(GateUser user, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                user.Exit();
                break;
            case 1:
                user.Yield();
                user.Leave();
                break;
            default:
                user.Yield();
                break;
        }
    }

    private void Compute(GateUser user, int milliseconds)
    {
        Assert.True(user.Enter());
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        user.Exit();
    }

    private void AwaitWaiting(int count) => Assert.True(SpinWait.SpinUntil(() => _gate.WaitingCount == count, Hang));

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static void Run(int count, Action<int> action)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(index => Start(() =>
        {
            try
            {
                action(index);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })).ToArray();
        foreach (var thread in threads)
            Assert.True(thread.Join(Hang), "a thread waits for a turn that never comes");

        Assert.Null(failure);
    }
}
