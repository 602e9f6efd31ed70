FROM node:26.10.0-slim AS build
WORKDIR /mooring
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY src src
COPY scripts scripts
RUN node scripts/build.ts

FROM node:26.10.0-slim
COPY --from=build /mooring/dist/mooring.js /mooring/dist/LICENSES.txt /opt/mooring/
COPY LICENSE /opt/mooring/LICENSE
ENV NODE_ENV=production
USER 65532:65532
ENTRYPOINT ["node", "/opt/mooring/mooring.js"]
CMD ["agent"]
