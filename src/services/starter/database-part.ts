import type { DatabaseKind } from '../../model/database.ts';

/** The service `db` of a compose file, at its indentation there. */
export const DATABASE_PART: Record<DatabaseKind, string> = {
  postgres: `  db:
    image: postgres:17
    environment:
      POSTGRES_USER: \${POSTGRES_USER:-app}
      POSTGRES_DB: \${POSTGRES_DB:-app}
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD}
    volumes:
      - db:/var/lib/postgresql/data
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U \\"$$POSTGRES_USER\\" -d \\"$$POSTGRES_DB\\""]
      interval: 5s
      timeout: 5s
      retries: 12
    stop_grace_period: 1m
    restart: unless-stopped
    deploy:
      endpoint_mode: dnsrr`,
  // It is known to itself as `db` before anybody else may find it there. Its key is for members among
  // each other: the only one makes it anew at each start. The check makes the set of a server that has
  // none: at the first start, and on the data of a standalone one.
  mongo: `  db:
    image: mongo:7
    hostname: db
    # A replica set of one: transactions need a set, and so does moving away without downtime.
    entrypoint:
      - bash
      - -c
      - |
        (umask 077 && head -c 96 /dev/urandom | base64 -w 0 > /tmp/set.key) && chown mongodb /tmp/set.key
        exec docker-entrypoint.sh "$\${@:-mongod}" --replSet rs0 --keyFile /tmp/set.key
      - bash
    environment:
      MONGO_INITDB_ROOT_USERNAME: \${MONGO_USER:-app}
      MONGO_INITDB_ROOT_PASSWORD: \${MONGO_PASSWORD}
    volumes:
      - db:/data/db
    healthcheck:
      test:
        - CMD
        - mongosh
        - --quiet
        - --eval
        - |
          if (db.hello().isreplicaset) {
            const { MONGO_INITDB_ROOT_USERNAME, MONGO_INITDB_ROOT_PASSWORD } = process.env;
            db.getSiblingDB("admin").auth(MONGO_INITDB_ROOT_USERNAME, MONGO_INITDB_ROOT_PASSWORD);
            rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "db:27017" }] });
            for (let ms = 0; ms < 5000 && !db.hello().isWritablePrimary; ms += 100) sleep(100);
          }
          const { setName, isWritablePrimary } = db.hello();
          quit(setName && isWritablePrimary ? 0 : 1);
      # Each takes most of a second of the processor.
      interval: 10s
      timeout: 10s
      retries: 6
    stop_grace_period: 1m
    restart: unless-stopped
    deploy:
      endpoint_mode: dnsrr`,
};
